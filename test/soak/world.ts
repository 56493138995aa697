// The real stack that events are done to, by the very commands that Pulumi runs, and what is checked after each of them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { unfinished } from "../../infra/core/history.ts";
import { judge } from "../../infra/core/judge.ts";
import { fileOf } from "../../infra/core/layout.ts";
import { dummyPlan, publisherPlan, upstreamPlan } from "../../infra/core/plan.ts";
import { parseRoleFile } from "../../infra/core/role-file.ts";
import { publisherOf as publisherIn } from "../../infra/core/topology.ts";
import { localHosts } from "../../infra/hosts/hosts.ts";
import { readJournal } from "../../infra/hosts/journal.ts";
import { findProcesses } from "../../infra/hosts/processes.ts";
import { observe } from "../../infra/observe/observe.ts";
import { publisherProgram } from "../../scripts/publisher/program.ts";
import { runApply } from "../support/apply-command.ts";
import type { Ran } from "../support/bounded-run.ts";
import { cutOver } from "../support/cutover-run.ts";
import { Machines, noMachines } from "../support/machines.ts";
import { quickTimeouts } from "../support/quick-timeouts.ts";
import { until } from "../support/until.ts";
import { startStored, type WatchedStack } from "../support/watched-stack.ts";
import { dummyOf, Model, publisherOf } from "./model.ts";

/** One event as it was done. */
export interface Done {
  readonly event: string;
  readonly code: number | null;
  readonly ms: number;
}

/** A dummy whose machine is out of reach is started in vain, and not for ten seconds; a look goes a longer way than on one machine. */
const timeouts = { ...quickTimeouts, start: 5_000, observe: 5_000 };
/** Longer than TCP waits until it sends again what was lost, after the longest cut. */
const settlesMs = 90_000;

/** A stack of two upstreams and three publishers, each on a machine of its own where this one lets a test make some. */
export class World implements AsyncDisposable {
  readonly watched: WatchedStack;
  readonly machines: Machines | null;
  readonly tell: (done: Done) => void;
  readonly longFreezeMs: number;
  /** Who was heard, or may have been, since the last look: a frozen upstream may still hand on what it was sent. */
  #mayBeHeard = new Set(["publisher0"]);

  private constructor(
    watched: WatchedStack,
    machines: Machines | null,
    tell: (done: Done) => void,
    longFreezeMs: number,
  ) {
    [this.watched, this.machines, this.tell, this.longFreezeMs] = [watched, machines, tell, longFreezeMs];
  }

  /** Starts one with `publisher0` active. */
  static async start(tell: (done: Done) => void, longFreezeMs = 60_000): Promise<{ model: Model; real: World }> {
    const upstreams = ["server0", "server1"];
    const publishers = ["publisher0", "publisher1", "publisher2"];
    const machines = noMachines() === null ? new Machines([...upstreams, ...publishers.map(dummyOf)]) : null;
    try {
      const own = { rate: 100, reference: true, clocks: true, over: { timeouts } };
      const watched = await startStored({ ...own, ...(machines === null ? {} : { machines }) });
      await watched.cutOver("publisher0");
      return { model: new Model(upstreams, publishers), real: new World(watched, machines, tell, longFreezeMs) };
    } catch (error) {
      machines?.[Symbol.dispose]();
      throw error;
    }
  }

  get #topology() {
    return { ...this.watched.stack.topology, ...this.watched.config };
  }

  /** A cutover to whom the model wants, with its fences and epoch. */
  async cutOver(model: Model): Promise<Ran> {
    this.watched.config = { fenced: [...model.fenced].toSorted(), epoch: model.epoch };
    return cutOver(this.watched.stack, model.wanted, { over: this.watched.config });
  }

  /** Pulumi's command for one server or publisher. */
  apply(name: string): Promise<Ran> {
    const topology = this.#topology;
    const upstream = topology.upstreams.find((one) => one.name === name);
    const base = this.watched.stored?.store.base ?? ((text: string) => text);
    if (upstream === undefined && name.startsWith("publisher")) {
      const plan = publisherPlan(topology, publisherIn(topology, name));
      const command = this.watched.stack.onMachineOf(name, publisherProgram(plan));
      return runApply(["apply/publisher", "update"], { ...plan, command });
    }
    const plan = upstream
      ? upstreamPlan(topology, upstream)
      : dummyPlan(topology, publisherIn(topology, publisherOf(name)));
    return runApply(["apply/server", "update"], { ...plan, base: base(plan.base) });
  }

  isAttachedOnDisk(dummy: string): boolean {
    return parseRoleFile(readFileSync(fileOf(this.#topology.dataDir, dummy, "role"), "utf8")).state === "attached";
  }

  /** After a run that came to a halt half-way: what the files and the processes say. Whom it tried to attach may have been heard. */
  lookAgain(model: Model, tried: string): void {
    this.#mayBeHeard.add(tried);
    const found = findProcesses(this.#topology.dataDir);
    for (const publisher of model.publishers) {
      const dummy = dummyOf(publisher);
      const [process] = found.get(dummy) ?? [];
      model.life.set(dummy, process === undefined ? "down" : process.frozen ? "frozen" : "up");
      if (this.isAttachedOnDisk(dummy)) model.attached.add(publisher);
      else model.attached.delete(publisher);
    }
  }

  /** After every event: nobody twice, nobody late, nobody but whom the model allows, and that one everywhere. */
  async check(model: Model): Promise<void> {
    const { heard, mayBeHeard, network } = model;
    for (const name of mayBeHeard) this.#mayBeHeard.add(name);
    const missing = new Set(model.upstreams.filter((name) => model.answers(name)));
    const look = async () => {
      for (const at of await this.#nothingDoubled()) {
        const strangers = Object.keys(at.heard).filter((name) => !this.#mayBeHeard.has(name));
        assert.deepEqual(strangers, [], `${at.server} heard somebody who may not be heard`);
        if (heard !== null && at.heard[heard] !== undefined) missing.delete(at.server);
      }
    };
    await look();
    const deadline = performance.now() + 10_000;
    while (heard !== null && missing.size > 0) {
      assert.ok(performance.now() < deadline, `${heard} is not heard at ${[...missing].join(", ")}`);
      await sleep(20).then(look);
    }
    const frozen = [...model.life.values()].includes("frozen");
    if (!frozen && network.isWhole) this.#mayBeHeard = new Set(mayBeHeard);
  }

  /** After a partition healed: every upstream lists whom it should, and what was held up has come through. */
  async settles(model: Model): Promise<void> {
    const { linked, loose, heard } = model;
    const may = [linked, ...loose].flatMap((name) => (name === null ? [] : [dummyOf(name)]));
    const must = heard === null ? [] : [dummyOf(heard)];
    for (const upstream of model.upstreams.filter((name) => model.isUp(name))) {
      const peers = model.upstreams.filter((name) => name !== upstream && model.isUp(name));
      const isSettled = async () => {
        const { routes } = (await this.watched.stack.ask(upstream, "/routez")) as { routes: { remote_name: string }[] };
        const listed = routes.map(({ remote_name }) => remote_name);
        const dummies = listed.filter((name) => name.startsWith("dummy"));
        const whole = [...must, ...peers].every((name) => listed.filter((one) => one === name).length === 2);
        return whole && dummies.every((name) => may.includes(name));
      };
      await until(`${upstream} lists ${must.join() || "nobody"} after the network healed`, isSettled, settlesMs);
    }
    if (heard === null) return;
    const up = model.upstreams.filter((name) => model.isUp(name));
    const heardAt = new Set<string>();
    await until(
      `${heard} is heard at ${up.join(", ")} after the network healed`,
      async () => {
        for (const at of await this.#nothingDoubled()) if (at.hearing === heard) heardAt.add(at.server);
        return up.every((name) => heardAt.has(name));
      },
      settlesMs,
    );
  }

  async #nothingDoubled() {
    const { heard, doubled } = await this.watched.heardSoFar();
    const none = Object.fromEntries(Object.keys(doubled).map((kind) => [kind, 0]));
    assert.deepEqual(doubled, none, JSON.stringify(heard));
    return heard;
  }

  /** What natsby itself says of the state that the events ended in: something, where not all is well. */
  async explained(model: Model): Promise<string> {
    // A publisher that was frozen just now is silent only after a while.
    return until(`natsby says what is wrong when ${describe(model)}`, async () => {
      const { verdict, problems } = await this.#judged(model);
      const words = [verdict, ...problems.map(({ text }) => text)].join("; ");
      assert.notEqual(verdict, "doubled", words);
      // That a link is cut shows only once one of its ends gives it up.
      return problems.length > 0 || model.isWell || !model.network.isWhole ? words : false;
    });
  }

  async #judged(model: Model) {
    const topology = { ...this.#topology, activePublisher: model.wanted };
    const [seen, journal] = await Promise.all([
      observe(topology, this.watched.stack),
      readJournal(localHosts(topology.dataDir)),
    ]);
    return judge(topology, seen, { deployedActive: null, unfinished: unfinished(journal) });
  }

  /** The audit, once all is mended. */
  async audit(model: Model): Promise<void> {
    await this.watched.audit(model.wanted);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.watched[Symbol.asyncDispose]();
    } finally {
      this.machines?.[Symbol.dispose]();
    }
  }
}

/** The model in words. */
export function describe(model: Model): string {
  const ill = [...model.life].filter(([, life]) => life !== "up").map(([name, life]) => `${name} ${life}`);
  const cut = model.network.cuts.map(({ one, other, how }) => `${one} and ${other} cut ${how}`);
  return `${model.heard ?? "nobody"} heard, ${model.wanted} wanted, fenced [${[...model.fenced]}], ${[...ill, ...cut].join(", ") || "all up"}`;
}
