// The journal read back: what is unfinished, who was last active, and up to where a next publisher must be.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type HistoryEntry, lastActive, lastQuiet, parseHistory, unfinished } from "../../infra/core/history.ts";

const common = { epoch: 0, at: "2026-01-01T00:00:00.000Z", from: "publisher0", to: "publisher1" };
const rest = { reason: "", who: "", commit: null, ms: 1, steps: [], upstreams: [], notes: [] };
const begun = (ticket: number): HistoryEntry => ({ ...common, ticket, state: "begun" });
const quiet = (ticket: number): HistoryEntry => ({ ...common, ticket, state: "quiet", stamps: { test: ticket } });
const ended = (ticket: number, result: "active" | "refused" | "rolled back" | "nobody active" | "superseded") =>
  ({ ...common, ...rest, ticket, state: "finished", result, exitCode: 0 }) as HistoryEntry;

test("a cutover that was killed is unfinished until one ends, not until one is refused", () => {
  assert.equal(unfinished([]), null);
  assert.equal(unfinished([begun(1), quiet(1)])?.ticket, 1);
  assert.equal(unfinished([begun(1), quiet(1), ended(2, "refused")])?.ticket, 1);
  assert.equal(unfinished([begun(1), begun(2), ended(2, "active"), ended(1, "superseded")]), null);
  assert.equal(unfinished([begun(1), ended(1, "nobody active")]), null);
});

test("stamps hold until somebody is heard again", () => {
  const stamps = (entries: readonly HistoryEntry[]) => lastQuiet(entries)?.stamps.test ?? null;
  assert.equal(stamps([begun(1), quiet(1), ended(1, "active")]), null);
  assert.equal(stamps([begun(1), quiet(1)]), 1);
  assert.equal(stamps([begun(1), quiet(1), ended(2, "refused"), begun(3)]), 1);
  assert.equal(stamps([begun(1), quiet(1), ended(1, "nobody active")]), 1);
  assert.equal(stamps([begun(1), quiet(1), ended(1, "rolled back")]), null);
});

test("who was proved active last; lines cut short by a crash are passed over", () => {
  const text = [begun(1), ended(1, "active"), begun(2)].map((entry) => JSON.stringify(entry)).join("\n");
  const entries = parseHistory(`${text}\n{"state":"fini`);
  assert.equal(entries.length, 3);
  assert.equal(lastActive(entries), "publisher1");
  assert.equal(lastActive([begun(1)]), null);
});
