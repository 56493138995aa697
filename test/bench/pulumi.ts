// The section `pulumi`: how long the commands take that a user types, on a stack of its own in a copy of the project.

import { setTimeout as sleep } from "node:timers/promises";
import { endsWith } from "../support/bounded-run.ts";
import { makeProject, type Project, publishersAt } from "../support/project.ts";
import { rate } from "./bench-stack.ts";
import { gapsIn, up, withinMs } from "./flips-by-pulumi.ts";
import { type Section, table } from "./section.ts";
import { rounded, sum, summarise } from "./statistics.ts";

/** Milliseconds of every run of each command, and what subscribers saw of the flips. */
export interface PulumiData {
  readonly ms: Readonly<Record<string, readonly number[]>>;
  readonly gapsMs: readonly number[];
  readonly doubled: number;
}

const commands = {
  start: "npm start, everything cached",
  stop: "npm stop",
  flip: "pulumi up -f, with a flip",
  nothing: "pulumi up -f, nothing to do",
  preview: "pulumi preview",
  config: "pulumi config set activePublisher …",
  status: "natsby status",
  npx: "npx natsby status",
} as const;

/** Bounds in seconds. */
const bounds: Partial<Record<keyof typeof commands, number>> = { start: 20, flip: 2.5, nothing: 2, status: 0.7 };

/** Typed before `natsby env`. */
const outside: ReadonlySet<string> = new Set(["start", "stop", "npx"]);

export const pulumi: Section<PulumiData> = {
  name: "pulumi",
  title: "What a user types",

  async measure(scale, say) {
    await using project = makeProject({ config: { activePublisher: "publisher0", publishers: publishersAt(rate) } });
    const times = new Times(project, say);
    for (let left = scale.isQuick ? 1 : 3; left > 0; left--) {
      await times.run("start", ["npm", "start"]);
      if (left > 1) await times.run("stop", ["npm", "stop"]);
    }
    const seen = await measureCommands(project, times, scale.flips(10));
    return { ms: times.all, ...seen };
  },

  targets({ ms, doubled }) {
    const timed = Object.entries(bounds).map(([command, bound]) => {
      const { median } = summarise(ms[command] ?? []);
      const what = `\`${commands[command as keyof typeof commands]}\`, median`;
      return {
        what,
        bound: `${bound} s`,
        measured: `${rounded(median / 1_000)} s`,
        isReached: median <= bound * 1_000,
      };
    });
    const flips = ms.flip?.length ?? 0;
    const what = `doubled messages in ${flips} flips by \`pulumi up\``;
    return [...timed, { what, bound: "0", measured: String(doubled), isReached: doubled === 0 }];
  },

  render({ ms, gapsMs }) {
    const { median, p95, max } = summarise(gapsMs);
    return [
      "In seconds, each command in a process of its own as a shell starts it; the stack has two upstreams and two publishers",
      `at ${rate.toLocaleString("en")} messages a second each.`,
      "",
      ...table(
        ["command", "runs", "median", "p95", "max"],
        Object.entries(ms).map(([command, values]) => rowOf(commands[command as keyof typeof commands], values)),
      ),
      "",
      `The gap of these flips, with all of Pulumi beside it: median ${rounded(median)} ms, p95 ${rounded(p95)} ms, max ${rounded(max)} ms.`,
    ];
  },

  pictures: () => ({}),
};

async function measureCommands(project: Project, times: Times, rounds: number) {
  await using witness = await project.witness();
  const gapsMs: number[] = [];
  let doubled = 0;
  let [from, to] = ["publisher0", "publisher1"];
  for (let round = 0; round < rounds; round++) {
    await times.run("config", ["pulumi", "config", "set", "activePublisher", to]);
    await witness.take();
    await times.run("flip", up);
    await sleep(100);
    const seen = await witness.take();
    gapsMs.push(...gapsIn(seen));
    doubled += sum(seen.map((at) => at.doubled));
    await times.run("nothing", up);
    await times.run("preview", ["pulumi", "preview", "--non-interactive", "--expect-no-changes"]);
    await times.run("status", ["natsby", "status"]);
    await times.run("npx", ["npx", "natsby", "status"]);
    [from, to] = [to, from];
  }
  return { gapsMs, doubled };
}

/** Runs commands and remembers how long each took. */
class Times {
  readonly all: Record<string, number[]> = {};
  readonly #project: Project;
  readonly #say: (line: string) => void;

  constructor(project: Project, say: (line: string) => void) {
    [this.#project, this.#say] = [project, say];
  }

  async run(command: keyof typeof commands, argv: readonly [string, ...string[]]): Promise<void> {
    const env = outside.has(command) ? {} : await this.#project.tools();
    const started = performance.now();
    await endsWith(0, this.#project.run(argv, { env, withinMs }));
    const ms = performance.now() - started;
    this.all[command] = [...(this.all[command] ?? []), ms];
    this.#say(`${commands[command]}: ${rounded(ms / 1_000)} s`);
  }
}

function rowOf(name: string, values: readonly number[]): readonly string[] {
  const { count, median, p95, max } = summarise(values.map((ms) => ms / 1_000));
  return [`\`${name}\``, String(count), rounded(median), rounded(p95), rounded(max)];
}
