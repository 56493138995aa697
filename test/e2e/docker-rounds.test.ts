// A stack of containers, up and destroyed a few times. Twenty times: `npm run soak -- --rounds 20 --platform docker`.

import { test } from "node:test";
import { dockerRounds } from "../soak/docker-rounds.ts";
import { DockerStack } from "../support/docker-stack.ts";
import { noEngine } from "../support/engine.ts";

const name =
  "pulumi up and pulumi destroy, again and again: no container, volume, network or image is left on the engine";
test(name, { skip: noEngine() ?? false }, async (t) => {
  await using stack = await DockerStack.prepare();
  await dockerRounds(stack, { rounds: 3, onRound: (round, ms) => t.diagnostic(`${round}: ${Math.round(ms)} ms`) });
});
