// The long run itself, on a stack that is not there and breaks its own model: what fails is found, run again by its names, and made short.

import assert from "node:assert/strict";
import { test } from "node:test";
import { drawn } from "./draw.ts";
import { type LongRun, longRun, RunFailed } from "./long-run.ts";
import { Model } from "./model.ts";
import { shrunk } from "./shrink.ts";
import type { World } from "./world.ts";

/** Nothing happens in it but what the model says, until server1 was killed and publisher2 frozen after that. */
async function broken() {
  const model = new Model(["server0", "server1"], ["publisher0", "publisher1", "publisher2"]);
  let killed = false;
  const stack = {
    kill: async (name: string) => {
      killed ||= name === "server1";
    },
    signal: (name: string, signal: string) => {
      if (killed && name === "publisher2" && signal === "SIGSTOP") throw new Error("the fault that was put in");
    },
    setClock: () => undefined,
    startServer: async () => undefined,
    startPublisher: async () => undefined,
  };
  const ran = async () => ({ code: model.codes[0] ?? 0, output: "", ms: 0 });
  const world = {
    ...{
      watched: { stack },
      machines: null,
      longFreezeMs: 0,
      cutOver: ran,
      apply: async () => ({ code: 0, output: "" }),
    },
    ...{ isAttachedOnDisk: () => true, check: async () => undefined, settles: async () => undefined },
    ...{ lookAgain: () => undefined, explained: async () => "", audit: async () => undefined, tell: () => undefined },
    [Symbol.asyncDispose]: async () => undefined,
  };
  return { model, real: world as unknown as World };
}

const run = (options: Partial<LongRun>) =>
  longRun({ events: 200, seed: 1, onEvent: () => undefined, start: broken, ...options }).then(
    () => null,
    (error: unknown) => error as RunFailed,
  );

test("a run that fails gives the events of it, and without time to shrink all of them", async () => {
  const failed = await run({});
  assert.ok(failed instanceof RunFailed, String(failed));
  assert.equal(failed.events.at(-1), "freeze publisher2");
  assert.ok(failed.events.length > 2 && failed.events.includes("kill server1"), failed.message);
  assert.match(failed.message, /^seed 1, run \d+: freeze publisher2, when .* wanted, fenced \[.*\n\d+ events: /);
  assert.match(String((failed.cause as Error).cause), /the fault that was put in/);
});

test("the same events fail again by their names alone, and others do not", async () => {
  const { events } = (await run({})) as RunFailed;
  const again = await run({ only: events });
  assert.deepEqual(again?.events, events);
  assert.equal(await run({ only: ["kill server1", "freeze publisher1"] }), null);
});

test("with time it is made as short as it can be", async () => {
  const tries: boolean[] = [];
  const failed = await run({ shrinkMs: 60_000, onTry: (_, failed) => tries.push(failed) });
  assert.deepEqual(failed?.events, ["kill server1", "freeze publisher2"]);
  assert.ok(tries.includes(true) && tries.includes(false));
});

test("a seed gives the same events always, another one others, and each run of it its own", () => {
  assert.deepEqual(drawn(7, 0, 60), drawn(7, 0, 60));
  assert.deepEqual(drawn(7, 0, 60).slice(0, 20), drawn(7, 0, 20));
  assert.notDeepEqual(drawn(7, 0, 60), drawn(8, 0, 60));
  assert.notDeepEqual(drawn(7, 0, 60), drawn(7, 1, 60));
});

test("shrinking keeps order, finds what must be there together, and gives back nothing that was not seen to fail", async () => {
  const list = Array.from({ length: 57 }, (_, index) => index);
  const needs = [3, 29, 56];
  const seen: string[] = [];
  const fails = async (shorter: readonly number[]) => {
    const failed = needs.every((need) => shorter.includes(need));
    if (failed) seen.push(shorter.join());
    return failed;
  };
  assert.deepEqual(await shrunk(list, { fails }), needs);
  assert.ok(seen.includes(needs.join()));
  assert.deepEqual(await shrunk(list, { fails, isEnough: () => true }), list);
  assert.deepEqual(await shrunk(list, { fails: async () => false }), list);
});
