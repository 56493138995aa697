// Gap, lost and doubled of a cutover, from what subscribers remember.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { countRepeats } from "../../infra/core/clocks.ts";
import type { Heard } from "../../infra/observe/tap.ts";
import { type Measured, measure } from "../../scripts/cutover/measure.ts";

/** Messages of one subject: the number, and when it was heard. */
const of = (subject: string, ...messages: readonly (readonly [stamp: number | null, at: number])[]): readonly Heard[] =>
  messages.map(([stamp, at]) => ({ subject, stamp, at }));
const byTime = (...lists: readonly (readonly Heard[])[]): readonly Heard[] =>
  lists.flat().toSorted((a, b) => a.at - b.at);

const flip = {
  upstream: "server0",
  before: "publisher0",
  after: "publisher1",
  lastKnown: new Set(["test", "a", "b"]),
  attachedAt: 100,
} as const;
/** Everything that the new publisher sent, from 0 to 30. */
const published = of("test", ...Array.from({ length: 31 }, (_, n) => [n, n * 10] as const));
const counts = (over: Partial<Measured>) => {
  const { gapMs, lost, doubled } = measure({ ...flip, heard: [], published, publishedBefore: [], ...over });
  return { gapMs, lost, doubled };
};

describe("a flip", () => {
  const rows: readonly (readonly [what: string, over: Partial<Measured>, expected: ReturnType<typeof counts>])[] = [
    [
      "without a hole",
      { heard: of("test", [8, 80], [9, 90], [10, 101], [11, 110]) },
      { gapMs: 11, lost: 0, doubled: 0 },
    ],
    [
      "with two messages lost",
      { heard: of("test", [8, 80], [9, 90.04], [12, 120]) },
      { gapMs: 30, lost: 2, doubled: 0 },
    ],
    ["with one message twice", { heard: of("test", [9, 90], [9, 101], [10, 110]) }, { gapMs: 11, lost: 0, doubled: 1 }],
    [
      "with an old message after a newer one",
      { heard: of("test", [9, 90], [11, 110], [10, 111]) },
      { gapMs: 20, lost: 1, doubled: 1 },
    ],
    ["after which nothing is heard", { heard: of("test", [9, 90]) }, { gapMs: null, lost: null, doubled: 0 }],
    [
      "before which nothing was heard",
      { heard: of("test", [10, 110], [11, 120]) },
      { gapMs: null, lost: null, doubled: 0 },
    ],
    [
      "from one that died before it was listened to: what it sent last is not known",
      { heard: of("test", [10, 110], [11, 120]), lastKnown: new Set() },
      { gapMs: null, lost: null, doubled: null },
    ],
    [
      "from one that died, in which a message came twice",
      { heard: of("test", [10, 110], [10, 120]), lastKnown: new Set() },
      { gapMs: null, lost: null, doubled: 1 },
    ],
    [
      "from one that only this upstream heard last",
      { heard: of("test", [9, 90], [10, 101]), lastKnown: new Set() },
      { gapMs: 11, lost: 0, doubled: 0 },
    ],
    [
      "that is the very first: nobody was heard before",
      { heard: of("test", [10, 110], [11, 120]), before: null, lastKnown: null },
      { gapMs: null, lost: null, doubled: 0 },
    ],
    ["in which nothing was heard", {}, { gapMs: null, lost: null, doubled: null }],
    [
      "of messages without stamps",
      { heard: of("test", [null, 90], [null, 112.34]) },
      { gapMs: 22.3, lost: null, doubled: null },
    ],
    [
      "of which the new publisher's own messages were not heard",
      { heard: of("test", [9, 90], [12, 120]), published: [] },
      { gapMs: 30, lost: null, doubled: 0 },
    ],
    [
      "that attached nobody anew",
      { heard: of("test", [8, 80], [9, 90]), attachedAt: null },
      { gapMs: null, lost: null, doubled: 0 },
    ],
    [
      "that heard doubles and attached nobody anew",
      { heard: of("test", [8, 80], [8, 90]), attachedAt: null },
      { gapMs: null, lost: null, doubled: 1 },
    ],
  ];
  for (const [what, over, expected] of rows) it(what, () => assert.deepEqual(counts(over), expected));

  it("is told with its upstream and who was heard before and after", () => {
    const { upstream, before, after } = measure({ ...flip, heard: [], published, publishedBefore: [], after: null });
    assert.deepEqual([upstream, before, after], ["server0", "publisher0", null]);
  });
});

describe("clocks that differ", () => {
  const late = (ms: number) => published.map((one) => ({ ...one, at: one.at + ms }));
  const clock = (over: Partial<Measured>) =>
    measure({ ...flip, heard: of("test", [8, 80], [9, 90], [10, 101]), published, publishedBefore: [], ...over })
      .clockMs;

  it("are told by the newest number that was heard of both", () => {
    assert.deepEqual([clock({}), clock({ published: late(200) }), clock({ published: late(-200.04) })], [0, 200, -200]);
  });

  it("are not known where no number was heard of both, and of no matter where nobody was attached anew", () => {
    assert.equal(clock({ published: of("test", [900, 80]) }), null);
    assert.equal(clock({ heard: of("test", [null, 80]) }), null);
    assert.equal(clock({ attachedAt: null }), null);
  });

  it("and are stepped make what is doubled unknown, never a number: the publisher itself went back", () => {
    const stepped = of("test", [9, 90], [10, 100], [11, 110], [8, 111], [9, 120]);
    const heard = of("test", [9, 90], [10, 101], [11, 110], [8, 111], [9, 120]);
    assert.equal(counts({ heard, published: stepped }).doubled, null);
    assert.equal(counts({ heard, publishedBefore: stepped }).doubled, null);
    assert.equal(counts({ heard }).doubled, 2);
    assert.equal(
      counts({ heard: of("test", [9, 90], [10, 101]), published: stepped }).doubled,
      0,
      "nothing came twice",
    );
  });
});

describe("several subjects", () => {
  it("are counted one by one: the gap is of all, what is lost of each", () => {
    const heard = byTime(of("a", [9, 90], [12, 120]), of("b", [9, 95], [11, 115]), of("c", [null, 96], [null, 130]));
    const both = [
      ...published,
      ...published.map((one) => ({ ...one, subject: "a" })),
      ...published.map((one) => ({ ...one, subject: "b" })),
    ];
    assert.deepEqual(counts({ heard, published: both }), { gapMs: 19, lost: 2 + 1, doubled: 0 });
  });

  it("of which one was silent before, or after, are counted by the others", () => {
    const heard = byTime(of("a", [9, 90], [11, 110]), of("b", [9, 91]), of("c", [11, 111]));
    const all = ["a", "b", "c"].flatMap((subject) => published.map((one) => ({ ...one, subject })));
    assert.deepEqual(counts({ heard, published: all }), { gapMs: 19, lost: 1, doubled: 0 });
  });

  it("may give one number each: that is no double", () => {
    assert.equal(countRepeats([...of("a", [1, 1]), ...of("b", [1, 2])]), 0);
  });
});

describe("for any flip of publishers that number their messages alike", () => {
  it("what lies between is lost, what overlaps is doubled, and never both", () => {
    const numbers = { old: fc.integer({ min: 1, max: 25 }), next: fc.integer({ min: 1, max: 25 }), delay: fc.nat(50) };
    fc.assert(
      fc.property(fc.record(numbers), ({ old, next, delay }) => {
        const before = of("test", ...range(0, old).map((n) => [n, n] as const));
        const after = of("test", ...range(next, 30).map((n, index) => [n, 100 + delay + index] as const));
        const { gapMs, lost, doubled } = counts({ heard: [...before, ...after] });
        assert.equal(gapMs, 100 + delay - old);
        assert.equal(lost, Math.max(0, next - old - 1));
        assert.equal(doubled, Math.max(0, Math.min(30, old) - next + 1));
      }),
    );
  });

  it("a message is a repeat exactly where a newer or the same one was heard before", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), (stamps) => {
        const repeats = stamps.filter((stamp, index) => stamps.slice(0, index).some((earlier) => earlier >= stamp));
        assert.equal(countRepeats(of("test", ...stamps.map((stamp, at) => [stamp, at] as const))), repeats.length);
      }),
    );
  });
});

const range = (first: number, last: number): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, n) => first + n);
