// Two cutovers at once. One wins; the other is refused every write and every signal from then on, however late it wakes.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { isRunning } from "../../infra/hosts/processes.ts";
import { cutOver, pausedCutover } from "../support/cutover-run.ts";
import { quickTimeouts } from "../support/quick-timeouts.ts";
import { startWatched, type WatchedStack } from "../support/watched-stack.ts";

const names = ["publisher0", "publisher1", "publisher2"] as const;

describe("a cutover that is overtaken", () => {
  let watched: WatchedStack;
  let active: string = names[0];
  before(async () => {
    watched = await startWatched({ over: { timeouts: quickTimeouts } });
    await watched.cutOver(active);
  });
  after(() => watched[Symbol.asyncDispose]());

  const others = () => names.filter((name) => name !== active) as [string, string];

  for (const point of ["claim", "detach", "quiet", "attach", "prove"]) {
    test(`stopped after ${point} while another run goes to a third: it changes nothing any more`, async () => {
      const [to, third] = others();
      const late = await pausedCutover(watched.stack, to, `after:${point}`);
      await watched.cutOver(third);
      await watched.witness.hears(third);
      await watched.nothingDoubled();
      const dummies = watched.dummies();
      late.signal("SIGCONT");
      const ran = await late.ended;
      assert.equal(ran.code, 7, ran.output);
      assert.match(ran.stderr, /natsby exit 7: .*host local has seen ticket \d+; this run has ticket \d+/);
      for (const dummy of dummies) assert.ok(isRunning(dummy), `${dummy.name} was not stopped by it`);
      active = third;
      for (const { lost, server } of await watched.audit(active)) assert.equal(lost, 0, `a hole at ${server}`);
    });
  }

  test("stopped between a role file's rename and its reload: the late reload reads what stands there", async () => {
    const [to, third] = others();
    const dummy = to.replace("publisher", "dummy-nats");
    const late = await pausedCutover(watched.stack, to, `placed:${dummy}`);
    await watched.cutOver(third);
    late.signal("SIGCONT");
    assert.equal((await late.ended).code, 7);
    active = third;
    await watched.audit(active);
  });

  test("two that begin at the same moment: one wins, the other is refused", async () => {
    for (let round = 0; round < 3; round++) {
      const [one, two] = others();
      const ran = await Promise.all([cutOver(watched.stack, one), cutOver(watched.stack, two)]);
      const codes = ran.map(({ code }) => code);
      assert.ok(codes.includes(0) && codes.every((code) => code === 0 || code === 7), ran.map((r) => r.output).join());
      // Where one began only when the other had ended, both win, one after the other: then the later one is heard.
      const hearing = (await watched.witness.glance())[0]?.hearing ?? "";
      assert.ok([one, two].filter((_, index) => codes[index] === 0).includes(hearing), `${hearing} is heard`);
      active = hearing;
      await watched.audit(active);
    }
  });
});
