// Entries of a journal for tests, with what matters to one put over the usual.

import type { BegunEntry, FinishedEntry, QuietEntry, UpstreamRecord } from "../../infra/core/history.ts";

const common = { epoch: 0, at: "2026-01-01T00:00:00.000Z", from: "publisher0", to: "publisher1" } as const;

/** A cutover that began. */
export const begun = (ticket: number): BegunEntry => ({ ...common, state: "begun", ticket });

/** A cutover whose old publisher is quiet. */
export const quiet = (ticket: number, stamps: QuietEntry["stamps"] = { test: 17 }): QuietEntry => ({
  ...common,
  state: "quiet",
  ticket,
  stamps,
});

/** A cutover that ended, well unless said otherwise. */
export const finished = (ticket: number, over: Partial<FinishedEntry> = {}): FinishedEntry => ({
  ...common,
  state: "finished",
  ticket,
  result: "active",
  exitCode: 0,
  problem: null,
  reason: null,
  who: "somebody@somewhere",
  commit: null,
  ms: 274,
  steps: [],
  upstreams: [],
  notes: [],
  ...over,
});

/** What was heard at one upstream of a flip that went well. */
export const heardAt = (upstream: string, over: Partial<UpstreamRecord> = {}): UpstreamRecord => ({
  upstream,
  before: "publisher0",
  after: "publisher1",
  gapMs: 12.5,
  lost: 10,
  doubled: 0,
  clockMs: 0.4,
  ...over,
});
