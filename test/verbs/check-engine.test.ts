// What natsby doctor says of a Docker engine: a real one, and one that is not there.

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkEngine } from "../../scripts/verbs/check-engine.ts";
import { noEngine, startEngine } from "../support/engine.ts";

const skip = noEngine() ?? false;

test("an engine that is reached has its version told, one that is not is named with what to type", {
  skip,
}, async () => {
  await using engine = await startEngine();
  const [reach, ...more] = await checkEngine({ name: "here", url: engine.url }, 10_000);
  assert.match(reach?.text ?? "", /^Docker \d+\.\d+\S* answers at unix:/);
  assert.deepEqual([reach?.ok, more], [true, []]);
  await assert.rejects(checkEngine({ name: "gone", url: "unix:///nowhere/socket" }, 10_000), {
    code: "host-unreachable",
    hint: "docker --host unix:///nowhere/socket version",
  });
});
