// The processes of a stack on an engine: each is a container, found by its label, told apart from a later one by when it was started.

import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { processLabel } from "../../core/containers.ts";
import type { Host, RunningProcess, StartOptions } from "../host.ts";
import { askDocker, callDocker, type Engine } from "./engine.ts";
import { Helper } from "./helper.ts";
import { logsThere } from "./logs.ts";

/** What `docker inspect` says, as far as it matters. */
interface Inspected {
  readonly Id: string;
  readonly Image: string;
  readonly Config: { readonly Labels: Readonly<Record<string, string>> | null };
  readonly HostConfig: { readonly NetworkMode: string };
  readonly State: {
    readonly Running: boolean;
    readonly Paused: boolean;
    readonly Restarting: boolean;
    readonly Pid: number;
    readonly StartedAt: string;
  };
}

const pollMs = 30;
/** A connection that is open already takes a millisecond or two. */
const reloadMs = 3_000;
/** The engine itself does these; any other is sent from within, since `docker kill` may end a container's restart policy. */
const byEngine: Partial<Record<NodeJS.Signals, readonly string[]>> = {
  SIGSTOP: ["pause"],
  SIGCONT: ["unpause"],
  SIGKILL: ["kill", "--signal", "SIGKILL"],
  SIGTERM: ["kill", "--signal", "SIGTERM"],
};

const keyOf = ({ name, pid, startTicks }: RunningProcess): string => `${name} ${pid} ${startTicks}`;

/** What the part is about. */
interface Place {
  readonly engine: Engine;
  /** The container that holds the stack's files. */
  readonly keeper: string;
  readonly dataDir: string;
  /** Whether a program without a container gets one. */
  readonly makes: boolean;
}

/** The part of the port that is about processes. */
export function containersThere({ engine, keeper, dataDir, makes }: Place, helper: Helper) {
  const prefix = `${dataDir}/`;
  const labelled = (name: string): string => `label=${processLabel}=${prefix}${name}`;

  /** Containers of processes that were seen, and a helper in each that will be told to read again: in the gap nothing is started. */
  const seen = new Map<string, string>();
  const within = new Map<string, Helper>();

  function helperIn(id: string): Helper {
    const known = within.get(id) ?? new Helper(engine, id);
    within.set(id, known);
    return known;
  }

  async function find(filters: readonly string[]): Promise<readonly Inspected[]> {
    const words = filters.flatMap((filter) => ["--filter", filter]);
    const ids = await askDocker(engine, ["ps", "--all", "--quiet", "--no-trunc", ...words]);
    if (ids === "") return [];
    // One that went meanwhile is an error of the command's, and no line of its output.
    const { stdout } = await callDocker(engine, ["inspect", "--format", "{{json .}}", ...ids.split("\n")]);
    return stdout
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Inspected);
  }

  function processOf({ Id, Config, State }: Inspected): readonly RunningProcess[] {
    const label = Config.Labels?.[processLabel] ?? "";
    if (!label.startsWith(prefix) || !State.Running || State.Restarting || State.Pid === 0) return [];
    const [name, startTicks] = [label.slice(prefix.length), Date.parse(State.StartedAt)];
    const process = { name, dataDir, pid: State.Pid, startTicks, frozen: State.Paused };
    seen.set(keyOf(process), Id);
    return [process];
  }

  /** The container of this very process, while it runs. */
  async function containerOf({ name, pid, startTicks }: RunningProcess): Promise<string | undefined> {
    const found = await find([labelled(name)]);
    const isIt = (one: Inspected): boolean =>
      processOf(one).some((process) => process.pid === pid && process.startTicks === startTicks);
    return found.find(isIt)?.Id;
  }

  async function signal(process: RunningProcess, name: NodeJS.Signals): Promise<boolean> {
    const id = await containerOf(process);
    if (id === undefined) return false;
    const within = ["exec", id, "/natsby-helper", "signal", String(constants.signals[name])];
    const words = byEngine[name];
    await askDocker(engine, words === undefined ? within : [...words, id]);
    return true;
  }

  return {
    log: logsThere(engine, labelled),
    /** Opens what a reload of this server needs, long before it: the file is only staged yet. */
    warm(name: string): void {
      void find([labelled(name)])
        .then((found) => found.filter((one) => processOf(one).length > 0))
        .then(([one]) => one && helperIn(one.Id).ask("list", { path: dataDir }))
        .catch(() => undefined);
    },
    /** Has the process read its files again, if it still is that very one. */
    async reload(process: RunningProcess): Promise<void> {
      const id = seen.get(keyOf(process)) ?? (await containerOf(process));
      // Whether it was read is proved elsewhere: one that is paused, or just gone, hears nothing.
      const told = id && helperIn(id).ask("signal", { number: constants.signals.SIGHUP }, reloadMs);
      await Promise.resolve(told).catch(() => undefined);
    },
    async close(): Promise<void> {
      await Promise.allSettled([...within.values()].map((one) => one[Symbol.asyncDispose]()));
    },
    async processes() {
      const found = (await find([`label=${processLabel}`])).flatMap(processOf);
      return Map.groupBy(
        found.toSorted((a, b) => a.startTicks - b.startTicks),
        ({ name }) => name,
      );
    },
    async lives(pid) {
      return (await find([])).some(({ State }) => State.Running && State.Pid === pid);
    },
    async start(options) {
      const [there] = await find([labelled(options.name)]);
      if (there === undefined && !makes)
        throw new Error(`there is no container of ${options.name}: pulumi up --refresh`);
      const id = there?.Id ?? (await make(options));
      if (there !== undefined) await askDocker(engine, ["start", id]);
      const [started] = await find([`id=${id}`]);
      return started?.State.Pid ?? 0;
    },
    signal,
    async stop(process, { withinMs, signal: name = "SIGKILL" }) {
      const deadline = performance.now() + withinMs;
      await signal(process, name);
      while ((await containerOf(process)) !== undefined) {
        if (performance.now() > deadline) return false;
        await sleep(pollMs);
      }
      return true;
    },
    async portOwner(_address, port) {
      const words = ["ps", "--filter", `publish=${port}`, "--format", "container {{.Names}} ({{.Image}})"];
      return (await askDocker(engine, words)).split("\n")[0] || null;
    },
  } satisfies Partial<Host> & Record<string, unknown>;

  /** A container like the keeper's: its image, network and files, and its rights. */
  async function make({ name, argv, cwd, environment = {}, output }: StartOptions): Promise<string> {
    await helper.ask("which", { path: argv[0] });
    const [like] = await find([`name=^/${keeper}$`]);
    if (like === undefined) throw new Error(`${engine.name}: there is no container ${keeper}`);
    const rights = ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"];
    const life = ["--restart", "always", "--stop-signal", "SIGTERM", "--init"];
    const place = ["--network", like.HostConfig.NetworkMode, "--volumes-from", keeper, "--workdir", cwd];
    const named = ["--name", `${keeper}-${name}`, "--label", `${processLabel}=${prefix}${name}`];
    const variables = Object.keys(environment).flatMap((variable) => ["--env", variable]);
    const words = ["run", "--detach", ...named, ...rights, ...life, ...place, ...variables];
    return askDocker(engine, [...words, like.Image, "/natsby-helper", "run", output, ...argv], { environment });
  }
}
