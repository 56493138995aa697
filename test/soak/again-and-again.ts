// `pulumi up` and `pulumi destroy`, as often as asked for: after each destroy no process, no port and no file of the stack is left
// but what a later run has to know: the tickets seen, the history, and whose folder it is.

import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { dirname } from "node:path";
import { isFree } from "../../infra/hosts/port-owner.ts";
import { endsWith } from "../support/bounded-run.ts";
import { processesIn } from "../support/processes-in.ts";
import { type Project, patient } from "../support/project.ts";

/** What {@link againAndAgain} tells of. */
export interface Rounds {
  readonly rounds: number;
  onRound?(round: number, ms: number): void;
}

/** Does it in a checkout where nothing was started yet. */
export async function againAndAgain(project: Project, { rounds, onRound }: Rounds): Promise<void> {
  await endsWith(0, project.natsby(["init", "local"]));
  project.configure(patient);
  let ports: readonly number[] = [];
  for (let round = 1; round <= rounds; round++) {
    const started = performance.now();
    await endsWith(0, project.up());
    const { upstreams, publishers } = await project.status();
    const urls = [...upstreams, ...publishers].flatMap(({ clientUrl, monitorUrl }) => [clientUrl, monitorUrl]);
    const now = urls.map((url) => Number(new URL(url ?? "").port)).toSorted((a, b) => a - b);
    assert.equal(new Set(now).size, 8, "a client and a monitoring port of every server");
    if (round > 1) assert.deepEqual(now, ports, "the same ports each time");
    ports = now;
    assert.equal(project.processes().size, 6, "every server and publisher runs");
    await endsWith(0, project.pulumi(["destroy", "--yes", "--skip-preview"]));
    await nothingLeft(project, ports);
    onRound?.(round, performance.now() - started);
  }
}

async function nothingLeft(project: Project, ports: readonly number[]): Promise<void> {
  assert.deepEqual(processesIn(dirname(project.path)), [], "processes");
  for (const port of ports) assert.ok(await isFree("127.0.0.1", port), `port ${port} is free`);
  const files = existsSync(project.dataDir) ? readdirSync(project.dataDir, { recursive: true }).map(String) : [];
  assert.deepEqual(files.toSorted(), ["guard.json", "history.jsonl", "natsby.json"], "files");
}
