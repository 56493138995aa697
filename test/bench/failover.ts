// The section `failover`: from typed to heard with the old dummy frozen, and how long a fence takes. The worst that a user waits for.

import { localHosts } from "../../infra/hosts/hosts.ts";
import { readJournal } from "../../infra/hosts/journal.ts";
import { endsWith } from "../support/bounded-run.ts";
import { cutOver } from "../support/cutover-run.ts";
import { sendSignal } from "../support/frozen.ts";
import { makeProject, type Project, publishersAt } from "../support/project.ts";
import { rate, startWatched } from "./bench-stack.ts";
import { type Section, table } from "./section.ts";
import { rounded, sum, summarise } from "./statistics.ts";

/** What was measured. */
export interface FailoverData {
  /** Milliseconds from typed to the first message of the new publisher at every upstream, and to the verb's end. */
  readonly heardMs: readonly number[];
  readonly wholeMs: readonly number[];
  /** Milliseconds of each `natsby rejoin` afterwards. */
  readonly rejoinMs: readonly number[];
  /** Messages heard twice or late in all of it, the thaw of the old dummy included. */
  readonly doubled: number;
  /** Milliseconds from the first reload of a fence to the last link gone, by number of upstreams. */
  readonly fences: readonly { readonly upstreams: number; readonly ms: readonly number[] }[];
}

/** Most milliseconds, by number of upstreams. */
const fenceBounds: Readonly<Record<number, number>> = { 2: 100, 9: 300 };
const heardBoundMs = 3_000;
const withinMs = 60_000;

export const failover: Section<FailoverData> = {
  name: "failover",
  title: "Failover from a frozen host",

  async measure(scale, say) {
    const verbs = await measureVerbs(scale.isQuick ? 2 : 9, say);
    const fences = [];
    for (const upstreams of Object.keys(fenceBounds).map(Number)) {
      const ms = await measureFences(upstreams, scale.isQuick ? 2 : 10);
      say(`fences at ${upstreams} upstreams: ${ms.map(rounded).join(", ")} ms`);
      fences.push({ upstreams, ms });
    }
    return { ...verbs, fences };
  },

  targets({ heardMs, doubled, fences }) {
    const { median } = summarise(heardMs);
    return [
      {
        what: "`natsby failover`, typed to heard everywhere, median",
        bound: `${heardBoundMs / 1_000} s`,
        measured: `${rounded(median / 1_000)} s`,
        isReached: median <= heardBoundMs,
      },
      {
        what: `doubled or old messages in ${heardMs.length} failovers and rejoins`,
        bound: "0",
        measured: String(doubled),
        isReached: doubled === 0,
      },
      ...fences.map(({ upstreams, ms }) => {
        const [bound, { max }] = [fenceBounds[upstreams] ?? 0, summarise(ms)];
        const what = `fence at ${upstreams} upstreams, first reload to last link gone, maximum`;
        return { what, bound: `${bound} ms`, measured: `${rounded(max)} ms`, isReached: max <= bound };
      }),
    ];
  },

  render({ heardMs, wholeMs, rejoinMs, fences }) {
    const row = (what: string, values: readonly number[]) => {
      const { count, median, p95, max } = summarise(values);
      return [what, String(count), rounded(median), rounded(p95), rounded(max)];
    };
    return [
      `Two upstreams, two publishers at ${rate.toLocaleString("en")} messages a second each. The active publisher's dummy is frozen (SIGSTOP),`,
      "then the verb is typed; after it the dummy thaws and is taken back by `natsby rejoin`. A fence is from its first reload",
      "to the last link gone at every upstream, the fenced dummy frozen. In milliseconds.",
      "",
      ...table(
        ["what", "runs", "median", "p95", "max"],
        [
          row("`natsby failover`, typed to first message at every upstream", heardMs),
          row("`natsby failover`, typed to its end, `pulumi up` included", wholeMs),
          row("`natsby rejoin`", rejoinMs),
          ...fences.map(({ upstreams, ms }) => row(`fence at ${upstreams} upstreams`, ms)),
        ],
      ),
    ];
  },

  pictures: () => ({}),
};

async function measureVerbs(rounds: number, say: (line: string) => void) {
  await using project = makeProject({ config: { activePublisher: "publisher0", publishers: publishersAt(rate) } });
  await project.bringUp();
  await using witness = await project.witness();
  let [from, to] = ["publisher0", "publisher1"];
  const measured = { heardMs: [] as number[], wholeMs: [] as number[], rejoinMs: [] as number[], doubled: 0 };
  await witness.hears(from);
  await witness.take();
  for (let round = 0; round < rounds; round++) {
    freeze(project, from, "SIGSTOP");
    const started = performance.now();
    const verb = endsWith(0, project.natsby(["failover", "--to", to, "--reason", "a benchmark"]));
    await Promise.race([witness.hears(to, withinMs), verb.then(() => witness.hears(to))]);
    measured.heardMs.push(performance.now() - started);
    await verb;
    measured.wholeMs.push(performance.now() - started);
    freeze(project, from, "SIGCONT");
    const rejoining = performance.now();
    await endsWith(0, project.natsby(["rejoin", from]));
    measured.rejoinMs.push(performance.now() - rejoining);
    measured.doubled += sum((await witness.take()).flatMap(({ doubled, old }) => [doubled, old]));
    say(`${round + 1} of ${rounds}: heard after ${rounded((measured.heardMs.at(-1) ?? 0) / 1_000)} s`);
    [from, to] = [to, from];
  }
  return measured;
}

function freeze(project: Project, publisher: string, signal: "SIGSTOP" | "SIGCONT"): void {
  const process = project.processes().get(publisher.replace("publisher", "dummy-nats"));
  if (process === undefined) throw new Error(`the dummy of ${publisher} does not run`);
  sendSignal(process, signal);
}

/** Fences to and fro on a stack without Pulumi: what is measured stands in the journal. */
async function measureFences(upstreams: number, rounds: number): Promise<readonly number[]> {
  await using watched = await startWatched({ upstreams });
  const { stack, witness } = watched;
  let [from, to] = ["publisher0", "publisher1"];
  let epoch = stack.topology.epoch;
  await endsWith(0, cutOver(stack, from));
  const found: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const dummy = from.replace("publisher", "dummy-nats");
    await witness.hears(from);
    stack.signal(dummy, "SIGSTOP");
    await endsWith(0, cutOver(stack, to, { over: { fenced: [from], epoch: ++epoch } }));
    found.push(await fenceMs(stack.topology.dataDir));
    stack.signal(dummy, "SIGCONT");
    await endsWith(0, cutOver(stack, to, { over: { fenced: [], epoch: ++epoch } }));
    [from, to] = [to, from];
  }
  return found;
}

async function fenceMs(dataDir: string): Promise<number> {
  const last = (await readJournal(localHosts(dataDir))).findLast((entry) => entry.state === "finished");
  const outcome = last?.steps.find(({ step }) => step === "fence")?.outcome ?? "";
  const found = /last link gone ([\d.]+) ms/.exec(outcome)?.[1];
  if (found === undefined) throw new Error(`the journal has no time of a fence: ${outcome}`);
  return Number(found);
}
