// Upstreams that come and go with a flip, and subjects that are rarely published: what is dropped hinders nobody, and FRESH waits for nothing in vain.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { passwordOf, userOf } from "../../infra/core/secrets.ts";
import { publisherOf } from "../../infra/core/topology.ts";
import { connectNats } from "../../infra/observe/nats.ts";
import { quickTimeouts } from "../support/quick-timeouts.ts";
import { startStack } from "../support/stack.ts";
import { until } from "../support/until.ts";
import { startWatched, WatchedStack } from "../support/watched-stack.ts";
import { upstreamsOf } from "../support/witness.ts";
import { witnessesOf } from "../support/witnesses.ts";

describe("an upstream that the config drops", () => {
  let watched: WatchedStack;
  before(async () => {
    const stack = await startStack({ upstreams: 3, publishers: 2, rate: 200, over: { timeouts: quickTimeouts } });
    const kept = upstreamsOf(stack.topology, stack.clusterSecret).slice(0, 2);
    watched = new WatchedStack(stack, await witnessesOf(stack, kept));
    await watched.cutOver("publisher0");
    await watched.witness.hears("publisher0");
    await watched.nothingDoubled();
  });
  after(() => watched[Symbol.asyncDispose]());

  const two = () => ({ over: { upstreams: watched.stack.topology.upstreams.slice(0, 2) } });
  const three = () => ({ over: { upstreams: watched.stack.topology.upstreams } });

  async function withoutHole(): Promise<void> {
    for (const { lost, server } of await watched.nothingDoubled()) assert.equal(lost, 0, `a hole at ${server}`);
  }

  async function linksAt(upstream: string): Promise<readonly string[]> {
    const { routes } = (await watched.stack.ask(upstream, "/routez")) as { routes: { remote_name: string }[] };
    return [...new Set(routes.map(({ remote_name }) => remote_name))].toSorted();
  }

  test("goes, without a hole at those that stay, and has no link any more", async () => {
    await watched.cutOver("publisher0", 0, two());
    assert.deepEqual(await linksAt("server2"), []);
    assert.match((await watched.cutOver("publisher0", 0, two())).stdout, /already/);
    await withoutHole();
  });

  test("comes back, without a hole at the others", async () => {
    await watched.cutOver("publisher0", 0, three());
    const all = "dummy-nats0 server0 server1";
    await until("server2 is linked with all", async () => (await linksAt("server2")).join(" ") === all);
    await withoutHole();
  });

  test("goes in the same commit as a flip: nobody is left linked there", async () => {
    await watched.cutOver("publisher1", 0, two());
    await watched.witness.hears("publisher1");
    assert.deepEqual(await linksAt("server2"), []);
    await watched.nothingDoubled();
  });

  test("is dead already: it hinders no flip", async () => {
    await watched.stack.kill("server2");
    await watched.cutOver("publisher0", 0, two());
    await watched.witness.hears("publisher0");
    await watched.nothingDoubled();
  });
});

test("a rare subject whose last message the standby had before it was listened to: not waited for in vain", async () => {
  await using watched = await startWatched({ over: { subjects: ["test", "beat"], timeouts: quickTimeouts } });
  await using first = await publishAs(watched, "publisher0");
  await using second = await publishAs(watched, "publisher1");
  await second.beat(1);
  const ran = await watched.cutOverWhile("publisher1", "before:claim", () => first.beat(1), 0);
  const ms = Number(/^fresh +([\d.]+) ms/m.exec(ran.stderr)?.[1]);
  assert.ok(ms < 500, `FRESH took ${ms} ms`);
  await watched.audit("publisher1");
});

/** Publishes what the plain publisher does not. */
async function publishAs({ stack }: WatchedStack, publisher: string) {
  const { dummy } = publisherOf(stack.topology, publisher);
  const nats = await connectNats({
    ...{
      url: `nats://127.0.0.1:${dummy.clientPort}`,
      user: userOf(stack.clusterSecret, publisher),
      name: "beat",
      timeoutMs: 2_000,
    },
    password: passwordOf(stack.clusterSecret, dummy.name, publisher),
  });
  return {
    async beat(seq: number): Promise<void> {
      nats.publish("beat", JSON.stringify({ publisher, seq }));
      await nats.flush();
    },
    [Symbol.asyncDispose]: () => nats.close(),
  };
}
