// Publishers whose hosts' clocks differ, or are stepped: the difference is measured and told, and is never taken for a double.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { localHosts } from "../../infra/hosts/hosts.ts";
import { readJournal } from "../../infra/hosts/journal.ts";
import { quickTimeouts } from "../support/quick-timeouts.ts";
import { until } from "../support/until.ts";
import { startWatched, type WatchedStack } from "../support/watched-stack.ts";

describe("two clocks", () => {
  let watched: WatchedStack;
  let active = "publisher0";
  before(async () => {
    watched = await startWatched({ publishers: 2, reference: true, clocks: true, over: { timeouts: quickTimeouts } });
    await watched.cutOver("publisher0");
    await watched.audit("publisher0");
  });
  after(() => watched[Symbol.asyncDispose]());

  const other = () => (active === "publisher0" ? "publisher1" : "publisher0");

  /** The last cutover's numbers, from its journal. */
  async function measured() {
    const last = (await readJournal(localHosts(watched.stack.topology.dataDir))).at(-1);
    assert.ok(last?.state === "finished");
    return last;
  }

  /** Both are right again, and no number is left that would be heard twice. */
  async function rightAgain(ms: number): Promise<void> {
    for (const name of ["publisher0", "publisher1"]) watched.stack.setClock(name, 0);
    await sleep(Math.abs(ms) + 100);
    await watched.audit(active);
  }

  for (const ms of [-200, 200]) {
    test(`the new one's is ${Math.abs(ms)} ms ${ms < 0 ? "behind" : "ahead"}: measured, told beside the gap, nothing doubled`, async () => {
      const to = other();
      watched.stack.setClock(to, ms);
      await sleep(500);
      const ran = await watched.cutOver(to);
      active = to;
      await watched.nothingDoubled();
      assert.match(ran.stdout, /server0 gap [\d.]+ ms lost \d+ doubled 0 clock -?[\d.]+ ms/);
      for (const { clockMs, doubled, gapMs } of (await measured()).upstreams) {
        assert.ok(Math.abs((clockMs ?? 0) + ms) < 60, `measured ${clockMs} ms`);
        assert.equal(doubled, 0);
        assert.ok((gapMs ?? 0) > (ms < 0 ? 120 : 0), `a gap of ${gapMs} ms: it had to catch up`);
      }
      await rightAgain(ms);
    });
  }

  for (const [whose, ms] of [
    ["old", 200],
    ["old", -200],
    ["new", 200],
    ["new", -200],
  ] as const) {
    test(`the ${whose} one's is stepped by ${ms} ms once the flip is under way: nothing doubled, and the count says so`, async () => {
      const to = other();
      const publisher = whose === "new" ? to : active;
      const step = async () => {
        watched.stack.setClock(publisher, ms);
        await sleep(300);
      };
      await watched.cutOverWhile(to, "after:stage", step, 0);
      active = to;
      await watched.nothingDoubled();
      for (const { doubled } of (await measured()).upstreams) assert.equal(doubled, 0);
      await rightAgain(ms);
    });
  }
});

test("a publisher that goes back in its numbers as its clock does: what is doubled is unknown, and no false number", async () => {
  await using watched = await startWatched({ publishers: 2, clocks: true, over: { timeouts: quickTimeouts } });
  await watched.cutOver("publisher0");
  // The plain publisher takes what the clock says.
  const again = async () => {
    watched.stack.setClock("publisher1", -2_000);
    await until("it is heard again", async () =>
      Object.values((await watched.heardSoFar()).doubled).every((count) => count > 0),
    );
  };
  await watched.cutOverWhile("publisher1", "after:attach", again, 0);
  await watched.forgive();
  const last = (await readJournal(localHosts(watched.stack.topology.dataDir))).at(-1);
  assert.ok(last?.state === "finished");
  for (const { doubled } of last.upstreams) assert.equal(doubled, null);
  assert.ok(
    last.notes.some((note) => /^publisher1 went back in its own numbers/.test(note)),
    last.notes.join(),
  );
});
