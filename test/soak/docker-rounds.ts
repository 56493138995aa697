// `pulumi up` and `pulumi destroy` of a stack of containers, as often as asked for: after each destroy the engine is as it was before.

import assert from "node:assert/strict";
import { endsWith } from "../support/bounded-run.ts";
import { type DockerStack, remainsOn } from "../support/docker-stack.ts";
import type { Rounds } from "./again-and-again.ts";

/** Does it on an engine where nothing was started yet. */
export async function dockerRounds({ project, engine }: DockerStack, { rounds, onRound }: Rounds): Promise<void> {
  await endsWith(0, project.natsby(["init", "local"]));
  const before = await remainsOn(engine);
  for (let round = 1; round <= rounds; round++) {
    const started = performance.now();
    await endsWith(0, project.up());
    const running = (await engine.docker(["ps", "--filter", "status=running", "--quiet"])).split("\n");
    assert.equal(running.length, 7, "every server and publisher runs, and what holds their files");
    assert.equal((await project.status()).verdict, "ok");
    await endsWith(0, project.pulumi(["destroy", "--yes", "--skip-preview"]));
    assert.deepEqual(await remainsOn(engine), before, "nothing is left on the engine");
    onRound?.(round, performance.now() - started);
  }
}
