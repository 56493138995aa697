// npm run soak: random events against the model, as many as asked for; a line for each on stderr, a table of them on stdout at the end.

import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect, parseArgs } from "node:util";
import { DockerStack } from "../support/docker-stack.ts";
import { noMachines } from "../support/machines.ts";
import { endProcessesIn } from "../support/processes-in.ts";
import { makeProject } from "../support/project.ts";
import { againAndAgain } from "./again-and-again.ts";
import { dockerRounds } from "./docker-rounds.ts";
import { longRun, RunFailed } from "./long-run.ts";
import { tableOf } from "./table.ts";
import type { Done } from "./world.ts";

const { values } = parseArgs({
  options: {
    events: { type: "string" },
    // `pulumi up` and `pulumi destroy` so often.
    rounds: { type: "string" },
    // Where the rounds are: `docker` starts an engine of its own.
    platform: { type: "string", default: "local" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    // The run to begin with: that of a seed which failed.
    run: { type: "string", default: "0" },
    // Events by their names, as a run that failed printed them: these alone.
    only: { type: "string" },
    // Minutes to look for a shorter list.
    shrink: { type: "string", default: "10" },
    // Seconds that a frozen server stays so at the most.
    freeze: { type: "string", default: "60" },
  },
});
const all: Done[] = [];
const ends: string[] = [];
const say = (line: string): void => void process.stderr.write(`${line}\n`);

// A folder of its own: what is found below it when this is stopped is its own, too.
const folder = realpathSync(mkdtempSync(join(tmpdir(), "natsby-soak-")));
process.env.TMPDIR = folder;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, async () => {
    await endProcessesIn(folder);
    rmSync(folder, { recursive: true, force: true });
    process.exit(1);
  });
}

if (!["local", "docker"].includes(values.platform))
  throw new Error(`there is no platform ${values.platform} here: local, docker`);
const isWhole = values.events === undefined && values.rounds === undefined && values.only === undefined;
const events = Number(values.events ?? (isWhole || values.only !== undefined ? 1_000 : 0));
const rounds = Number(values.rounds ?? (isWhole ? 50 : 0));
if (events > 0)
  say(`${events} events, seed ${values.seed}${noMachines() === null ? "" : `; no partitions: ${noMachines()}`}`);
const only = values.only?.split(",").map((name) => name.trim());
try {
  await longRun({
    events,
    seed: Number(values.seed),
    from: Number(values.run),
    shrinkMs: Number(values.shrink) * 60_000,
    longFreezeMs: Number(values.freeze) * 1_000,
    ...(only === undefined ? {} : { only }),
    onEvent: (done, count) => {
      all.push(done);
      say(
        `${String(count).padStart(5)}  ${done.event}${done.code === null ? "" : `: exit ${done.code}`}  ${done.ms} ms`,
      );
    },
    onEnd: (explained) => {
      ends.push(explained);
      say(`       natsby says: ${explained}`);
    },
    onFailure: (error) => say(`failed: ${inspect(error)}`),
    onTry: (list, failed) => say(`shrinking: ${list.length} events ${failed ? "fail too" : "do not fail"}`),
  });
  if (rounds > 0) {
    const onRound = (round: number, ms: number): void => say(`up and destroy ${round}: ${Math.round(ms)} ms`);
    if (values.platform === "docker") {
      await using stack = await DockerStack.prepare();
      await dockerRounds(stack, { rounds, onRound });
    } else {
      await using project = makeProject();
      await againAndAgain(project, { rounds, onRound });
    }
    process.stdout.write(`${rounds} times up and destroy, nothing left\n`);
  }
} catch (error) {
  say(inspect(error));
  if (error instanceof RunFailed) say(`again: npm run soak -- --shrink 0 --only "${error.events.join(", ")}"`);
  process.exitCode = 1;
}
rmSync(folder, { recursive: true, force: true });
if (events > 0) process.stdout.write(tableOf(all, ends));
