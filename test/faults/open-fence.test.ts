// A host is given up while an upstream cannot be told: nothing is attached, unless the upstream is given up as well, or the risk is accepted.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { problemsOf } from "../support/looking.ts";
import { quickTimeouts } from "../support/quick-timeouts.ts";
import { until } from "../support/until.ts";
import { startWatched, type WatchedStack } from "../support/watched-stack.ts";

const dialledAgainMs = 1_500;
const failover = { fenced: ["publisher0"], epoch: 1, activePublisher: "publisher1" } as const;

async function watchedStack(): Promise<WatchedStack> {
  const watched = await startWatched({ over: { timeouts: quickTimeouts } });
  await watched.cutOver("publisher0");
  await watched.witness.hears("publisher0");
  await watched.nothingDoubled();
  return watched;
}

for (const [what, takeAway, bringBack] of [
  ["frozen", (w) => w.stack.signal("server1", "SIGSTOP"), (w) => w.stack.signal("server1", "SIGCONT")],
  ["dead", (w) => w.stack.kill("server1"), (w) => w.stack.startServer("server1")],
] as const satisfies readonly (readonly [string, (w: WatchedStack) => unknown, (w: WatchedStack) => unknown])[]) {
  describe(`an upstream that is ${what} when a host is given up`, () => {
    test("is named, and nothing is attached; once it is back, the same run again brings it about", async () => {
      await using watched = await watchedStack();
      await takeAway(watched);
      watched.asks(failover);
      const { stderr } = await watched.cutOver("publisher1", 4);
      assert.match(stderr, /natsby exit 4: fence: server1 cannot be told to keep out dummy-nats0, and may still take/);
      assert.match(stderr, /start server1 again .*fenced '\["publisher0","server1"\]', .*epoch 2; .*--accept-unfenced/);
      assert.equal(await linksAt(watched, "server0", /dummy/), "", "fenced where it could be, and nobody attached");
      await bringBack(watched);
      await until("server1 answers", () => watched.stack.ask("server1", "/varz"));
      await watched.cutOver("publisher1");
      await watched.audit("publisher1");
    });

    test("is given up too: it comes back alone, hears at most one, and is taken back with clean pins", async () => {
      await using watched = await watchedStack();
      const { stack } = watched;
      await takeAway(watched);
      watched.asks({ ...failover, fenced: ["publisher0", "server1"] });
      const ran = await watched.cutOver("publisher1");
      assert.match(
        ran.stderr,
        /^fence .* server1, dummy-nats0 fenced at server0: |dummy-nats0, server1 fenced at server0: /m,
      );
      assert.match(ran.stdout, /; server0 gap/);
      assert.match((await watched.cutOver("publisher1")).stdout, /already/);

      await bringBack(watched);
      await until(
        "the old one is linked there",
        async () => (await linksAt(watched, "server1", /./)) === "dummy-nats0",
        15_000,
      );
      await sleep(dialledAgainMs);
      assert.equal(await linksAt(watched, "server0", /./), "dummy-nats1", "and nowhere else");
      for (const { server, heard } of (await watched.forgive()).slice(1)) {
        assert.deepEqual(
          Object.keys(heard).filter((name) => name !== "publisher0"),
          [],
          `${server} hears one`,
        );
      }
      assert.match((await watched.cutOver("publisher1")).stdout, /already/, "it is left alone");

      watched.asks({ fenced: ["publisher0"], epoch: 2 });
      const back = await watched.cutOver("publisher1");
      assert.match(back.stderr, /^mesh .* upstreams' pins written at server0$/m);
      await watched.witness.hears("publisher1");
      await watched.forgive();
      assert.equal(await linksAt(watched, "server1", /./), "dummy-nats1 server0");
      await sleep(dialledAgainMs);
      await watched.audit("publisher1");
      assert.ok(stack.processOf("dummy-nats0"), "whoever was given up runs on, unheard");
      watched.asks({ fenced: [], epoch: 3 });
      await watched.cutOver("publisher1");
      await watched.audit("publisher1");
    });
  });
}

test("the open fence is accepted: for the run with its ticket alone, and status names it until it is closed", async () => {
  await using watched = await watchedStack();
  const { stack } = watched;
  await stack.kill("dummy-nats0");
  await stack.kill("server1");
  watched.asks(failover);
  const stale = { ...(await watched.once("accept-unfenced")), ticket: 1_000 };
  const ignored = await watched.cutOver("publisher1", 4, { over: { once: stale } });
  assert.match(
    ignored.stderr,
    /note: accept-unfenced ignored: it was accepted for ticket 1000, and this run has ticket/,
  );
  const once = await watched.once("accept-unfenced", "its host burnt");
  const ran = await watched.cutOver("publisher1", 0, { over: { once } });
  assert.match(ran.stderr, /note: accept-unfenced was accepted for this run: its host burnt/);
  const { codes, texts } = await problemsOf(stack);
  assert.ok(codes.includes("fence-open server1"), codes.join());
  assert.match(texts, /server1 may still take dummy-nats0, given up/);
  await stack.startServer("server1");
  await watched.cutOver("publisher1");
  await watched.audit("publisher1");
});

describe("a risk of a planned flip is accepted once", () => {
  for (const [what, later, takeAway, bringBack] of [
    [
      "frozen",
      "nobody is attached there until it said what it has",
      (w) => w.stack.signal("server1", "SIGSTOP"),
      (w) => w.stack.signal("server1", "SIGCONT"),
    ],
    [
      "dead",
      "its link comes by itself once it is back",
      (w) => w.stack.kill("server1"),
      (w) => w.stack.startServer("server1"),
    ],
  ] as const satisfies readonly (readonly [
    string,
    string,
    (w: WatchedStack) => unknown,
    (w: WatchedStack) => unknown,
  ])[]) {
    test(`an upstream is ${what}: flipped at the others, and ${later}`, async () => {
      await using watched = await watchedStack();
      await takeAway(watched);
      const refused = await watched.cutOver("publisher1", 3);
      assert.match(refused.stderr, /preflight: upstream server1 cannot be asked/);
      const ran = await watched.cutOver("publisher1", 0, { over: { once: await watched.once("accept-degraded") } });
      assert.match(ran.stderr, /^prove .* linked and heard at server0$/m);
      watched.asks({ activePublisher: "publisher1" });
      const verdict = (await problemsOf(watched.stack)).verdict;
      assert.equal(verdict, what === "dead" ? "degraded" : "unknown");
      await bringBack(watched);
      if (what === "frozen") {
        assert.match(ran.stderr, /note: nobody is attached at server1, which does not answer: run `pulumi up` once it/);
        await until("it says so", async () =>
          (await problemsOf(watched.stack)).codes.includes("link-missing dummy-nats1"),
        );
        await watched.cutOver("publisher1");
      }
      const linked = async () => (await linksAt(watched, "server1", /dummy/)) === "dummy-nats1";
      await until("its link is there", linked, 10_000);
      await watched.audit("publisher1");
    });
  }

  test("a standby that says nothing: promoted, and heard once it speaks", async () => {
    await using watched = await watchedStack();
    const { stack } = watched;
    await stack.kill("publisher1");
    await stack.startPublisher("publisher1", 0);
    assert.match((await watched.cutOver("publisher1", 3)).stderr, /preflight: publisher1 said nothing/);
    const ran = await watched.cutOver("publisher1", 0, { over: { once: await watched.once("accept-silent") } });
    assert.match(ran.stderr, /note: doubles cannot be excluded on test: dummy-nats1 hears nothing of its publisher/);
    await stack.kill("publisher1");
    // When it starts it sends what it owes of the last half second: that was heard of the old one.
    await sleep(1_000);
    await stack.startPublisher("publisher1");
    await watched.audit("publisher1");
  });
});

/** Who is linked at an upstream, by name. */
async function linksAt({ stack }: WatchedStack, upstream: string, names: RegExp): Promise<string> {
  const { routes } = (await stack.ask(upstream, "/routez")) as { routes: { remote_name: string }[] };
  const found = new Set(routes.map(({ remote_name }) => remote_name).filter((name) => names.test(name)));
  return [...found].toSorted().join(" ");
}
