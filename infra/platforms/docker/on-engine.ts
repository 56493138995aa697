// What the containers of a stack share on one engine, and what each has there of its own: nothing of another's is in its reach.

import { Container, Network, Provider, RemoteImage, type RemoteImageArgs, Volume } from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { containerNames } from "../../core/containers.ts";
import { sshOptions, sshPlaceOf } from "../../core/engine-ssh.ts";
import { folderOf } from "../../core/layout.ts";
import type { EngineAddress, Topology } from "../../core/topology.ts";
import { type EngineParts, keeperArgs } from "./containers.ts";
import { imageContext } from "./images.ts";

/** An image that several containers run. */
interface Base {
  readonly image: RemoteImage;
  readonly digest: string;
}

/** One engine of a stack. */
export class OnEngine implements EngineParts {
  readonly names: ReturnType<typeof containerNames>;
  readonly dataDir: string;
  readonly network: Network;
  readonly keeper: Container;
  readonly provider: Provider;
  readonly #options: pulumi.CustomResourceOptions;
  readonly #name: string;
  readonly #files: Volume;
  readonly #networks = new Map<string, Network>();
  readonly #server: Base;
  #publisher: Base | undefined;

  /** @param options the component whose parts these are */
  constructor(engine: EngineAddress, topology: Topology, options: pulumi.CustomResourceOptions) {
    const { name } = engine;
    this.#name = name;
    this.names = containerNames(topology);
    this.dataDir = topology.dataDir;
    const ssh = sshPlaceOf(engine) === null ? {} : { sshOpts: [...sshOptions(engine)] };
    this.provider = new Provider(`${name}-engine`, { host: engine.url, ...ssh }, options);
    this.#options = { ...options, provider: this.provider };
    this.network = new Network(`${name}-network`, { name: this.names.network, labels: [] }, this.#options);
    this.#files = new Volume(`${name}-volume`, { name: this.names.volume, labels: [] }, this.#options);
    const { natsServerImage: official, natsServerVersion } = topology;
    this.#server =
      official === undefined
        ? this.#base("server", `server-${natsServerVersion}`)
        : this.#base("server", "official", { OFFICIAL: official });
    this.keeper = new Container(
      `${name}-keeper`,
      keeperArgs(this, this.#tag(`${name}-keeper`, this.names.keeper, this.#server), this.#files),
      // What names it is taken: the old one goes first.
      { ...this.#options, deleteBeforeReplace: true },
    );
  }

  serverImage(name: string): RemoteImage {
    return this.#tag(name, this.names.of(name), this.#server);
  }

  publisherImage(name: string): RemoteImage {
    this.#publisher ??= this.#base("publisher", "publisher");
    return this.#tag(name, this.names.of(name), this.#publisher);
  }

  networkOf(publisher: string): Network {
    const known = this.#networks.get(publisher);
    if (known !== undefined) return known;
    const args = { name: this.names.networkOf(publisher), labels: [] };
    const made = new Network(`${publisher}-dummy-network`, args, this.#options);
    this.#networks.set(publisher, made);
    return made;
  }

  /** A volume of its own that is a part of the stack's: engines before version 26 cannot mount a part of one. */
  folderOf(name: string): Volume {
    const device = pulumi.interpolate`${this.#files.mountpoint}${folderOf("", name)}`;
    return new Volume(
      `${name}-folder`,
      {
        name: this.names.volumeOf(name),
        driver: "local",
        driverOpts: { type: "none", o: "bind", device },
        labels: [],
      },
      { ...this.#options, deleteBeforeReplace: true },
    );
  }

  #base(what: string, kind: string, buildArgs: Readonly<Record<string, string>> = {}): Base {
    const { context, digest } = imageContext(kind, buildArgs);
    const name = `${this.names.images}-${kind}:${digest}`;
    return { image: this.#image(`${this.#name}-${what}`, name, digest, { context, buildArgs }), digest };
  }

  /** A name of its own for the same image: what one container runs stays while the others have a newer one already. */
  #tag(resource: string, image: string, { image: base, digest }: Base): RemoteImage {
    const { context } = imageContext("tag");
    return this.#image(resource, `${image}:${digest}`, digest, { context, buildArgs: { BASE: base.name } });
  }

  #image(resource: string, name: string, digest: string, build: NonNullable<RemoteImageArgs["build"]>): RemoteImage {
    const args = { name, build: { useLegacyBuilder: true, ...build }, triggers: { digest } };
    return new RemoteImage(`${resource}-image`, args as RemoteImageArgs, this.#options);
  }
}
