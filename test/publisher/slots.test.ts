// The numbers of moments: each once, never back, and the same for everybody.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { catchUpMs, dueSlots, slotAt, startOf, steppedBackMs } from "../../scripts/publisher/slots.ts";

const rate = fc.integer({ min: 1, max: 10_000 });
const moment = fc.integer({ min: 0, max: 4_102_444_800_000 });

describe("a slot", () => {
  it("is floor(ms * rate / 1000), exactly, at every rate", () => {
    const exactly = (ms: number, per: number) => Number((BigInt(ms) * BigInt(per)) / 1000n);
    fc.assert(fc.property(moment, rate, (ms, per) => slotAt(ms, per) === exactly(ms, per)));
  });

  it("begins with the first millisecond that falls into it, or with a later one where a millisecond has several", () => {
    fc.assert(
      fc.property(moment, rate, (ms, per) => {
        const begin = startOf(slotAt(ms, per), per);
        return (
          begin <= ms &&
          slotAt(begin, per) >= slotAt(ms, per) - Math.ceil(per / 1000) &&
          slotAt(begin - 1, per) < slotAt(ms, per)
        );
      }),
    );
  });

  it("is sent once, in order, or counted as missed, however the clock jumps", () => {
    const jumps = fc.array(fc.integer({ min: -3_000, max: 5_000 }), { maxLength: 40 });
    fc.assert(
      fc.property(moment, rate, jumps, (start, per, steps) => {
        const begin = slotAt(start, per);
        let [sent, now, count, missed] = [begin, start, 0, 0];
        for (const step of steps) {
          now = Math.max(0, now + step);
          const due = dueSlots(sent, now, per);
          if (due.last < due.first) continue;
          assert.ok(
            due.first > sent && due.last === slotAt(now, per) && due.last - due.first < (per * catchUpMs) / 1000,
          );
          count += due.last - due.first + 1;
          missed += due.missed;
          sent = due.last;
        }
        assert.equal(count + missed, sent - begin);
      }),
    );
  });

  const now = 1_700_000_000_500;
  const table: readonly [string, number, number, [first: number, last: number, missed: number]][] = [
    ["nothing within one slot", 10, 0, [1, 0, 0]],
    ["the next one", 10, 100, [1, 1, 0]],
    ["what was missed within a second", 10, 1_000, [1, 10, 0]],
    ["the last second of a longer pause, and counts the rest", 10, 3_000, [21, 30, 20]],
    ["nothing when the clock went back", 10, -5_000, [1, -50, 0]],
    ["three a millisecond at 3000 a second", 3_000, 1, [1, 3, 0]],
  ];
  for (const [what, per, later, [first, last, missed]] of table) {
    it(`that is due is ${what}`, () => {
      const sent = slotAt(now, per);
      assert.deepEqual(dueSlots(sent, now + later, per), { first: sent + first, last: sent + last, missed });
    });
  }

  it("knows how far the clock went back", () => {
    assert.equal(steppedBackMs(slotAt(now, 10), now, 10), 0);
    assert.equal(steppedBackMs(slotAt(now, 10), now - 3_000, 10), 3_000);
  });
});
