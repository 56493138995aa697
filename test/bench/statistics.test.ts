// The benchmark's arithmetic, in tables.

import assert from "node:assert/strict";
import { test } from "node:test";
import { rounded, summarise } from "./statistics.ts";

test("a median lies in the middle, or between the two in the middle", () => {
  assert.equal(summarise([3, 1, 2]).median, 2);
  assert.equal(summarise([4, 1, 3, 2]).median, 2.5);
});

test("the 95th percentile is the smallest value that 95 of 100 do not exceed", () => {
  const hundred = Array.from({ length: 100 }, (_, n) => n + 1);
  const { count, p95, max } = summarise(hundred.toReversed());
  assert.deepEqual([count, p95, max], [100, 95, 100]);
  assert.equal(summarise([7]).p95, 7);
});

test("numbers are shown with three digits, and nothing measured as a dash", () => {
  const shown = [0.123, 9.876, 12.34, 123.4, 1_234.5, Number.NaN].map(rounded);
  assert.deepEqual(shown, ["0.12", "9.88", "12.3", "123", "1,235", "-"]);
});
