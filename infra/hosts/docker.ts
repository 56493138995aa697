// Driver `docker`: an engine, over the `docker` command. Files lie in one volume, held by a container that does nothing else; processes are
// containers. Nothing is written on the engine's host itself.

import { fileNames, natsServerInImage } from "../core/layout.ts";
import type { EngineAddress } from "../core/topology.ts";
import { containersThere } from "./docker/containers.ts";
import { filesThere } from "./docker/files.ts";
import { guardedThere } from "./docker/guarded.ts";
import { Helper, HelperError } from "./docker/helper.ts";
import { SshWay } from "./docker/ssh-way.ts";
import { Tunnels } from "./docker/tunnel.ts";
import type { Finished, Host } from "./host.ts";

/** What an engine is to a stack. */
export interface DockerHostOptions extends EngineAddress {
  /** The stack's folder, as every container sees it. */
  readonly dataDir: string;
  /** The container that holds it, in the stack's network. */
  readonly keeper: string;
  /** Whether every port of its servers is published on the engine's host: at its address, or else its loopback. @default false: they are dialled from within */
  readonly published?: boolean;
  /** Bound of opening a connection to an engine behind SSH. @default 10 s */
  readonly connectMs?: number;
  /** Whether a program without a container gets one like the keeper's. @default false: Pulumi makes them */
  readonly makes?: boolean;
}

/** How long a program that was killed may take to be gone. */
const killMs = 5_000;
const usualConnectMs = 10_000;

/** An engine as a host of the stack. Connects when it is first asked something. */
export function dockerHost({ dataDir, keeper, published, makes, connectMs, ...address }: DockerHostOptions): Host {
  const way = SshWay.to(address, connectMs ?? usualConnectMs);
  const engine = { ...address, ...(way !== null && { reachedAt: () => way.url() }) };
  const helper = new Helper(engine, keeper);
  const files = filesThere(helper);
  const tunnels = new Tunnels(engine, keeper, way);
  const guarded = guardedThere(engine.name, helper, files, dataDir);
  const { warm, reload, close, ...containers } = containersThere(
    { engine, keeper, dataDir, makes: makes ?? false },
    helper,
  );
  return {
    name: engine.name,
    natsServer: natsServerInImage,
    ...files,
    ...guarded,
    ...containers,
    async stage(path, text, mode, claim) {
      const [name] = path.slice(dataDir.length + 1).split("/");
      if (path.endsWith(`/${fileNames.role}`) && name !== undefined) warm(name);
      await guarded.stage(path, text, mode, claim);
    },
    async commit(path, claim, reader) {
      await guarded.commit(path, claim);
      if (reader !== undefined) await reload(reader);
    },
    async run(argv, { cwd, withinMs, environment }) {
      const request = { argv, withinMs, cwd: cwd ?? "/", ...(environment && { env: environment }) };
      return await helper.ask<Finished>("run", request, withinMs + killMs).catch((error: unknown) => {
        if (!(error instanceof HelperError)) throw error;
        throw new Error(`${engine.name}: ${argv[0]} cannot be executed: ${error.message}`, { cause: error });
      });
    },
    reach(port, at) {
      if (!published && at !== undefined) return tunnels.within(port, at);
      return tunnels.published(port, at === engine.address ? at : undefined);
    },
    async [Symbol.asyncDispose]() {
      tunnels.close();
      await Promise.all([close(), helper[Symbol.asyncDispose]()]);
      await way?.[Symbol.asyncDispose]();
    },
  };
}
