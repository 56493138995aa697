// A small stack with witnesses of every kind, and the audit that follows every fault: who is heard, nothing twice, nothing left.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { lastActive, nextTicket, unfinished } from "../../infra/core/history.ts";
import { judge } from "../../infra/core/judge.ts";
import { fileOf } from "../../infra/core/layout.ts";
import type { Once, OnceFlag, Topology } from "../../infra/core/topology.ts";
import type { RunningProcess } from "../../infra/hosts/host.ts";
import { highestGuard, localHosts } from "../../infra/hosts/hosts.ts";
import { readJournal } from "../../infra/hosts/journal.ts";
import { observe } from "../../infra/observe/observe.ts";
import type { Ran } from "./bounded-run.ts";
import { type CutoverOptions, cutOver, pausedCutover } from "./cutover-run.ts";
import { type StackOptions, startStack, type TestStack } from "./stack.ts";
import { StreamStore, StreamWitness } from "./stream-witness.ts";
import { until } from "./until.ts";
import type { Witness, Witnessed } from "./witness.ts";
import { type Witnesses, witnessesOf } from "./witnesses.ts";

/** Three publishers, so that there is always a third; bounds short enough to run them out in a test. */
export async function startWatched(options: StackOptions = {}): Promise<WatchedStack> {
  await using started = new AsyncDisposableStack();
  const stack = started.use(await startStack({ publishers: 3, rate: 200, ...options }));
  const watched = started.use(new WatchedStack(stack, await witnessesOf(stack)));
  await watched.witness.hears("publisher0");
  started.move();
  return watched;
}

/** The same with a stream, for which JetStream is switched on at every upstream. */
export async function startStored(options: StackOptions = {}): Promise<WatchedStack> {
  await using started = new AsyncDisposableStack();
  const store = started.use(new StreamStore());
  const watched = started.use(await startWatched({ ...options, base: store.base }));
  watched.stored = { store, stream: await StreamWitness.at(watched.stack.topology) };
  started.move();
  return watched;
}

/** What was heard, and how often each witness noticed a double. */
export interface Taken {
  readonly heard: readonly Witnessed[];
  readonly doubled: Readonly<Record<string, number>>;
}

/** A stack and its witnesses. */
export class WatchedStack implements AsyncDisposable {
  readonly stack: TestStack;
  readonly witness: Witness;
  readonly #witnesses: Witnesses;
  /** Where a stream listens, too. */
  stored: { readonly store: StreamStore; readonly stream: StreamWitness } | null = null;
  /** What the stack's config says now, over how it was started: `fenced`, `epoch`. */
  config: Partial<Topology> = {};

  constructor(stack: TestStack, witnesses: Witnesses) {
    [this.stack, this.witness, this.#witnesses] = [stack, witnesses.witness, witnesses];
  }

  /** Runs a cutover and asserts how it ends; a refusal comes soon. */
  async cutOver(to: string, code: number | null = 0, options?: CutoverOptions): Promise<Ran> {
    const ran = await ends(cutOver(this.stack, to, this.#with(options)), to, code);
    if (ran.code === 3) refusedInTime(ran);
    return ran;
  }

  /** Runs a cutover, however it ends. */
  run(to: string): Promise<Ran> {
    return cutOver(this.stack, to, this.#with());
  }

  /** Runs a cutover that is stopped at a point, does something meanwhile, lets it go on, and asserts how it ends. */
  async cutOverWhile(
    to: string,
    point: string,
    meanwhile: () => void | Promise<void>,
    code: number | readonly number[],
    options: CutoverOptions = {},
  ): Promise<Ran> {
    const running = await pausedCutover(this.stack, to, point, this.#with(options));
    try {
      await meanwhile();
    } finally {
      running.signal("SIGCONT");
    }
    return ends(running.ended, to, code);
  }

  /** From now on the stack's config says so. */
  asks(over: Partial<Topology>): void {
    Object.assign(this.stack, { topology: { ...this.stack.topology, ...over } });
  }

  /** A risk accepted for the next run. */
  async once(flag: OnceFlag, reason = "a test"): Promise<Once> {
    const { dataDir } = this.stack.topology;
    const hosts = localHosts(dataDir);
    const ticket = nextTicket((await highestGuard(hosts)).ticket, await readJournal(hosts));
    return { flag, reason, ticket };
  }

  /** Nobody was heard twice, nor late, by any witness, since the audit before. */
  async nothingDoubled(): Promise<readonly Witnessed[]> {
    const { heard, doubled } = await this.take();
    const silent = Object.fromEntries(Object.keys(doubled).map((kind) => [kind, 0]));
    assert.deepEqual(doubled, silent, JSON.stringify(heard.map(({ server, heard, old }) => ({ server, heard, old }))));
    return heard;
  }

  /** What was doubled so far was meant: two were linked by hand. */
  async forgive(): Promise<readonly Witnessed[]> {
    return (await this.take()).heard;
  }

  /** What each upstream heard, and how often each witness heard something twice or late, since the call before. */
  async take(): Promise<Taken> {
    const { heard, doubled } = await this.heardSoFar();
    const stored = await this.stored?.stream.take();
    return { heard, doubled: { ...doubled, ...(stored === undefined ? {} : { stream: stored.doubled }) } };
  }

  /** The same without the stream, which can only be read while the upstreams are up. */
  async heardSoFar(): Promise<Taken> {
    const { group, pair } = this.#witnesses;
    const heard = await this.witness.take();
    const subscribers = Object.fromEntries(heard.map((at) => [at.server, at.doubled]));
    return { heard, doubled: { ...subscribers, "queue group": group.take(), "client of two": pair.take() } };
  }

  /**
   * The audit after every fault: this publisher alone is heard, nothing was doubled, no temporary file is left, everything runs
   * what its files say, and another run changes nothing.
   */
  async audit(active: string): Promise<readonly Witnessed[]> {
    await this.witness.hears(active);
    await this.changesNothing(active);
    await this.isHealthy(active);
    this.nothingLeft();
    return this.nothingDoubled();
  }

  /** Another run for the same publisher says "already". */
  async changesNothing(active: string): Promise<void> {
    const again = await this.cutOver(active);
    assert.match(again.stdout, /is active, already$/m, again.output);
  }

  /** Looked at by natsby itself: no problem at all. */
  async isHealthy(active: string, withinMs = 15_000): Promise<void> {
    const { natsServer } = this.stack;
    const topology = { ...this.stack.topology, ...this.config };
    await until(
      `all is well with ${active} active`,
      async () => {
        const [seen, journal] = await Promise.all([
          observe(topology, { natsServer }),
          readJournal(localHosts(topology.dataDir)),
        ]);
        const deployed = { deployedActive: active, unfinished: unfinished(journal) };
        const { problems } = judge({ ...topology, activePublisher: active }, seen, deployed);
        assert.deepEqual(
          problems.map(({ text }) => text),
          [],
        );
        assert.equal(lastActive(journal), active);
        return true;
      },
      withinMs,
    );
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
    this.#witnesses.group[Symbol.dispose]();
    this.#witnesses.pair[Symbol.dispose]();
    await this.witness[Symbol.asyncDispose]();
    await this.stack[Symbol.asyncDispose]();
    this.stored?.store[Symbol.dispose]();
  }

  #with(options: CutoverOptions = {}): CutoverOptions {
    return { ...options, over: { ...this.config, ...options.over } };
  }
}

/** From the start of natsby's command, Node's own start too, to its end. What Pulumi does before and after is not in it. */
const refusedWithinMs = 5_000;

export function refusedInTime({ ms, output }: Ran): void {
  assert.ok(ms <= refusedWithinMs, `refused after ${Math.round(ms)} ms, wanted: ${refusedWithinMs}\n${output}`);
}

async function ends(run: Promise<Ran>, to: string, code: number | null | readonly number[]): Promise<Ran> {
  const ran = await run;
  assert.ok([code].flat().includes(ran.code), `${to}: exit ${ran.code ?? ran.signal}, expected ${code}\n${ran.output}`);
  return ran;
}
