// A cutover is killed before and after every step of the table, and between a role file's rename and its reload. Whatever is
// asked for next, the same, the old or a third publisher, is brought about; nobody is heard twice, and nothing is left lying.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { steps } from "../../scripts/cutover/steps.ts";
import { startWatched } from "../support/watched-stack.ts";

const names = ["publisher0", "publisher1", "publisher2"] as const;

/** What is asked for next. */
const reruns = ["the same", "the old", "a third"] as const;

/**
 * Where it is killed, from the table, so that a new step is killed too. Around a step that changes nothing, and before one, which
 * is after the one before, the reruns take turns.
 */
function pointsOf(rerun: number): readonly string[] {
  const around = steps.flatMap(({ name, onFailure }, index) => {
    const turn = (offset: number) => (index + offset) % reruns.length === rerun;
    return [...(turn(0) ? [`before:${name}`] : []), ...(onFailure !== "refuse" || turn(1) ? [`after:${name}`] : [])];
  });
  return [...around, "placed:old", "placed:new"];
}

describe("a cutover that is killed", { concurrency: 2 }, () => {
  for (const [index, next] of reruns.entries()) {
    test(`anywhere, and ${next} asked for next`, { timeout: 300_000 }, async () => {
      await using watched = await startWatched();
      let active: string = names[0];
      for (const point of pointsOf(index)) {
        const [to = "", third = ""] = names.filter((name) => name !== active);
        const dummies = { old: active.replace("publisher", "dummy-nats"), new: to.replace("publisher", "dummy-nats") };
        const failpoint = point.replace(/(old|new)$/, (which) => dummies[which as keyof typeof dummies]);
        const killed = await watched.cutOver(to, null, { failpoint });
        assert.equal(killed.signal, "SIGKILL", point);
        const wanted = { "the same": to, "the old": active, "a third": third }[next];
        await watched.cutOver(wanted);
        await watched.audit(wanted).catch((cause) => {
          throw new Error(`killed ${point} on the way from ${active} to ${to}; then ${wanted}`, { cause });
        });
        active = wanted;
      }
    });
  }
});
