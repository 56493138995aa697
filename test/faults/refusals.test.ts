// Every refusal comes soon, with the bounds that a stack has by default: whoever types must not wait for a server that does not answer.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { least, parse } from "../support/config.ts";
import { startWatched, type WatchedStack } from "../support/watched-stack.ts";

const { timeouts, maxLag } = parse(least);

describe("refused within 5 s, with the default bounds", () => {
  let watched: WatchedStack;
  before(async () => {
    watched = await startWatched({ over: { timeouts, maxLag } });
    await watched.cutOver("publisher0");
  });
  after(() => watched[Symbol.asyncDispose]());

  for (const [what, frozen, expected] of [
    ["the standby's dummy", ["dummy-nats1"], /dummy-nats1 cannot be asked/],
    ["the standby's publisher", ["publisher1"], /publisher1 said nothing for 3 s at dummy-nats1/],
    ["an upstream", ["server1"], /upstream server1 cannot be asked/],
    ["every upstream", ["server0", "server1"], /upstream server0 cannot be asked/],
    ["an upstream and the standby's dummy", ["server1", "dummy-nats1"], /upstream server1 cannot be asked/],
    [
      "the standby's publisher, and a third dummy that is waited for first",
      ["publisher1", "dummy-nats2"],
      /publisher1 said nothing for 3 s at dummy-nats1/,
    ],
  ] as const) {
    test(`${what} is frozen`, async (t) => {
      for (const name of frozen) watched.stack.signal(name, "SIGSTOP");
      const { ms, stderr } = await watched.cutOver("publisher1", 3).finally(() => {
        for (const name of frozen) watched.stack.signal(name, "SIGCONT");
      });
      assert.match(stderr, expected);
      t.diagnostic(`${Math.round(ms)} ms`);
      await watched.witness.hears("publisher0");
    });
  }

  test("none of it changed anything", async () => {
    await watched.audit("publisher0");
  });
});
