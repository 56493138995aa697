// A small stack with witnesses of every kind, and the audit that follows every fault: who is heard, nothing twice, nothing left.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { lastActive, unfinished } from "../../infra/core/history.ts";
import { judge } from "../../infra/core/judge.ts";
import { fileOf } from "../../infra/core/layout.ts";
import { readJournal } from "../../infra/hosts/journal.ts";
import { readText } from "../../infra/hosts/local.ts";
import type { RunningProcess } from "../../infra/hosts/processes.ts";
import { observe } from "../../infra/observe/observe.ts";
import type { Ran } from "./bounded-run.ts";
import { type CutoverOptions, cutOver, pausedCutover } from "./cutover-run.ts";
import { QueueWitness } from "./queue-witness.ts";
import { type StackOptions, startStack, type TestStack } from "./stack.ts";
import { until } from "./until.ts";
import { upstreamsOf, Witness, type Witnessed } from "./witness.ts";

/** Three publishers, so that there is always a third; bounds short enough to run them out in a test. */
export async function startWatched(options: StackOptions = {}): Promise<WatchedStack> {
  const stack = await startStack({ publishers: 3, rate: 200, ...options });
  try {
    const addresses = upstreamsOf(stack.topology, stack.clusterSecret);
    const [witness, group] = await Promise.all([Witness.at(addresses), QueueWitness.at(addresses)]);
    await witness.hears("publisher0");
    return new WatchedStack(stack, witness, group);
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  }
}

/** A stack, a raw subscriber at every upstream, and a queue group over all. */
export class WatchedStack implements AsyncDisposable {
  readonly stack: TestStack;
  readonly witness: Witness;
  readonly group: QueueWitness;

  constructor(stack: TestStack, witness: Witness, group: QueueWitness) {
    [this.stack, this.witness, this.group] = [stack, witness, group];
  }

  /** Runs a cutover and asserts how it ends. */
  async cutOver(to: string, code: number | null = 0, options?: CutoverOptions): Promise<Ran> {
    return ends(cutOver(this.stack, to, options), to, code);
  }

  /** Runs a cutover that is stopped at a point, does something meanwhile, lets it go on, and asserts how it ends. */
  async cutOverWhile(
    to: string,
    point: string,
    meanwhile: () => void | Promise<void>,
    code: number,
    options: CutoverOptions = {},
  ): Promise<Ran> {
    const running = await pausedCutover(this.stack, to, point, options);
    try {
      await meanwhile();
    } finally {
      running.signal("SIGCONT");
    }
    return ends(running.ended, to, code);
  }

  /** Nobody was heard twice, nor late, by any witness, since the audit before. */
  async nothingDoubled(): Promise<readonly Witnessed[]> {
    const taken = await this.witness.take();
    for (const { server, doubled, old, heard } of taken) {
      assert.deepEqual({ doubled, old }, { doubled: 0, old: 0 }, `${server} heard ${JSON.stringify(heard)}`);
    }
    assert.equal(this.group.doubled, 0, "heard twice by the queue group");
    return taken;
  }

  /** What was doubled so far was meant: two were linked by hand. */
  forgive(): Promise<readonly Witnessed[]> {
    this.group.doubled = 0;
    return this.witness.take();
  }

  /**
   * The audit after every fault: this publisher alone is heard, nothing was doubled, no temporary file is left, everything runs
   * what its files say, and another run changes nothing.
   */
  async audit(active: string): Promise<readonly Witnessed[]> {
    await this.witness.hears(active);
    const again = await this.cutOver(active);
    assert.match(again.stdout, /is active, already$/m, again.output);
    await this.isHealthy(active);
    this.nothingLeft();
    return this.nothingDoubled();
  }

  /** Looked at by natsby itself: no problem at all. */
  async isHealthy(active: string): Promise<void> {
    const { natsServer, topology } = this.stack;
    const host = { read: readText };
    await until(`all is well with ${active} active`, async () => {
      const [seen, journal] = await Promise.all([
        observe(topology, { natsServer }),
        readJournal(host, topology.dataDir),
      ]);
      const deployed = { deployedActive: active, unfinished: unfinished(journal) };
      const { problems } = judge({ ...topology, activePublisher: active }, seen, deployed);
      assert.deepEqual(
        problems.map(({ text }) => text),
        [],
      );
      assert.equal(lastActive(journal), active);
      return true;
    });
  }

  /** The text of every role and pins file, by path. */
  roleFiles(): Readonly<Record<string, string>> {
    const { dataDir, upstreams, publishers } = this.stack.topology;
    const paths = [
      ...upstreams.map(({ name }) => fileOf(dataDir, name, "pins")),
      ...publishers.map(({ dummy }) => fileOf(dataDir, dummy.name, "role")),
    ];
    return Object.fromEntries(paths.map((path) => [path, readFileSync(path, "utf8")]));
  }

  /** The processes of all dummies. */
  dummies(): readonly RunningProcess[] {
    return this.stack.topology.publishers.map(({ dummy }) => this.stack.processOf(dummy.name));
  }

  /** No file of a run that ended, or was killed. */
  nothingLeft(): void {
    const names = readdirSync(this.stack.topology.dataDir, { recursive: true }).map(String);
    assert.deepEqual(
      names.filter((name) => /\.(next|test|tmp)$/.test(name)),
      [],
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.group[Symbol.dispose]();
    await this.witness[Symbol.asyncDispose]();
    await this.stack[Symbol.asyncDispose]();
  }
}

async function ends(run: Promise<Ran>, to: string, code: number | null): Promise<Ran> {
  const ran = await run;
  assert.equal(ran.code, code, `${to}: exit ${ran.code ?? ran.signal}, expected ${code}\n${ran.output}`);
  return ran;
}
