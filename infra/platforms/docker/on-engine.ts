// What the containers of a stack share on one engine, and what each has there of its own: nothing of another's is in its reach.

import { Container, Network, Provider, RemoteImage, Volume } from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { containerNames } from "../../core/containers.ts";
import { sshOptions, sshPlaceOf } from "../../core/engine-ssh.ts";
import { folderOf } from "../../core/layout.ts";
import type { EngineAddress, Topology } from "../../core/topology.ts";
import { type EngineParts, keeperArgs } from "./containers.ts";
import { imageContext } from "./images.ts";

/** One engine of a stack. */
export class OnEngine implements EngineParts {
  readonly names: ReturnType<typeof containerNames>;
  readonly dataDir: string;
  readonly network: Network;
  readonly server: RemoteImage;
  readonly publisher: RemoteImage;
  readonly keeper: Container;
  readonly provider: Provider;
  readonly #options: pulumi.CustomResourceOptions;
  readonly #files: Volume;
  readonly #networks = new Map<string, Network>();

  /** @param options the component whose parts these are */
  constructor(engine: EngineAddress, topology: Topology, options: pulumi.CustomResourceOptions) {
    const { name } = engine;
    this.names = containerNames(topology);
    this.dataDir = topology.dataDir;
    const ssh = sshPlaceOf(engine) === null ? {} : { sshOpts: [...sshOptions(engine)] };
    this.provider = new Provider(`${name}-engine`, { host: engine.url, ...ssh }, options);
    this.#options = { ...options, provider: this.provider };
    this.network = new Network(`${name}-network`, { name: this.names.network, labels: [] }, this.#options);
    this.#files = new Volume(`${name}-volume`, { name: this.names.volume, labels: [] }, this.#options);
    this.server = this.#image(`${name}-server`, `server-${topology.natsServerVersion}`, topology.cluster);
    const referenced = topology.publishers.some(({ host, image }) => host === name && image === undefined);
    this.publisher = referenced ? this.#image(`${name}-publisher`, "publisher", topology.cluster) : this.server;
    this.keeper = new Container(
      `${name}-keeper`,
      keeperArgs(this, this.#files),
      // What names it is taken: the old one goes first.
      { ...this.#options, deleteBeforeReplace: true },
    );
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

  #image(name: string, kind: string, cluster: string): RemoteImage {
    const { context, digest } = imageContext(kind);
    return new RemoteImage(
      `${name}-image`,
      { name: `${cluster}-${kind}:${digest}`, build: { context, useLegacyBuilder: true }, triggers: { digest } },
      this.#options,
    );
  }
}
