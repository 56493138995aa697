// Tables of judging: each row changes one thing of a healthy stack and says what that means.

import assert from "node:assert/strict";
import { test } from "node:test";
import { judge } from "../../infra/core/judge.ts";
import type { Observation } from "../../infra/core/observation.ts";
import { down, healthy, link, seen } from "./observation.ts";
import { testTopology } from "./topology.ts";

export const topology = testTopology();
/** Everything as asked: publisher0 active, publisher1 standing by. */
export const ok: Observation = healthy(topology);
/** What the two upstreams list when all is well. */
export const [links0 = [], links1 = []] = ok.upstreams.map(({ links }) => links ?? []);
/** The facts of a publisher that does not run. */
export const gone = { publisherPid: null, publisherPids: [], publishing: null } as const;
/** The facts of a server that does not run, its files in place. */
export const nothing = (name: string) => ({ ...down, digest: { want: `sha256:${name}`, running: null } });
/** What the others list once server1 is gone. */
export const withoutServer1 = [
  ["server0", { links: [link("dummy-nats0")] }],
  ["dummy-nats0", { links: [link("server0")] }],
] as const;

/** The healthy stack with some facts of some servers changed. */
export const changed = (...changes: readonly (readonly [string, Parameters<typeof seen>[2]])[]): Observation =>
  changes.reduce((observation, [name, change]) => seen(observation, name, change), ok);

/** Problems as `code about`, the worst first. */
export type Row = readonly [what: string, observation: Observation, verdict: string, problems: readonly string[]];

/** A test for each row. */
export function testRows(rows: readonly Row[]): void {
  for (const [what, observation, verdict, problems] of rows) {
    test(`${what}: ${verdict}`, () => {
      const judgement = judge(topology, observation, { deployedActive: null });
      const found = judgement.problems.map(({ code, about }) => `${code} ${about}`);
      assert.deepEqual(found, problems);
      assert.equal(judgement.verdict, verdict);
      for (const { hint, text } of judgement.problems) assert.doesNotMatch(hint + text, /[{}]|undefined|null/);
    });
  }
}
