// Partitions for real: every server on a machine of its own, one with its publisher. Who is cut off and given up stays out when it heals.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Machines, noMachines, operator } from "../support/machines.ts";
import { quickTimeouts } from "../support/quick-timeouts.ts";
import { until } from "../support/until.ts";
import { startWatched, type WatchedStack } from "../support/watched-stack.ts";

describe("a partition", { skip: noMachines() ?? false }, () => {
  let machines: Machines;
  let watched: WatchedStack;
  before(async () => {
    machines = new Machines(["server0", "server1", "dummy-nats0", "dummy-nats1", "dummy-nats2"]);
    watched = await startWatched({ machines, over: { timeouts: quickTimeouts } });
    await watched.cutOver("publisher0");
  });
  after(async () => {
    await watched?.[Symbol.asyncDispose]();
    machines?.[Symbol.dispose]();
  });

  const upstreams = ["server0", "server1"];

  /** What was held up has come through, or its connection has ended: TCP tries again ever more rarely. */
  async function audit(active: string): Promise<void> {
    await watched.witness.hears(active, 20_000);
    await watched.audit(active);
  }

  test("what is cut is lost without a word, at that server alone, and comes late when it heals: nothing of it is doubled", async () => {
    await watched.nothingDoubled();
    machines.deafen("dummy-nats0", "server1");
    await sleep(300);
    await watched.nothingDoubled();
    await sleep(500);
    const [heard, lost] = await watched.nothingDoubled();
    machines.heal();
    assert.deepEqual([Object.keys(heard?.heard ?? {}), lost?.heard], [["publisher0"], {}]);
    const came = await until(
      "it comes again",
      async () => {
        const [, at] = await watched.nothingDoubled();
        return (at?.heard.publisher0 ?? 0) > 0 && at;
      },
      20_000,
    );
    assert.equal(came.lost, 0, "held up, not dropped");
    machines.cut(operator, "server1");
    const { clientPort, address } = watched.stack.topology.upstreams[1] ?? {};
    const trying = connect(clientPort ?? 0, address);
    const outcome = await Promise.race([once(trying, "connect"), once(trying, "error"), sleep(700, "nothing")]);
    trying.destroy();
    machines.heal();
    assert.equal(outcome, "nothing");
  });

  for (const [how, apart] of [
    ["both ways", (dummy: string, upstream: string) => machines.cut(dummy, upstream)],
    [
      "one way: it hears them, they do not hear it",
      (dummy: string, upstream: string) => machines.deafen(dummy, upstream),
    ],
  ] as const) {
    test(`the active one is cut off from the upstreams, ${how}: given up, another is heard, and it stays out when that heals`, async () => {
      const [old, next] = how === "both ways" ? ["publisher0", "publisher1"] : ["publisher1", "publisher0"];
      const dummy = old.replace("publisher", "dummy-nats");
      for (const upstream of upstreams) apart(dummy, upstream);
      const epoch = (watched.config.epoch ?? 0) + 1;
      watched.config = { epoch, fenced: [old] };
      await watched.cutOver(next);
      await watched.witness.hears(next);
      machines.heal();
      await audit(next);
      for (const { heard, server } of await watched.nothingDoubled()) assert.equal(heard[old], undefined, server);
      watched.config = { epoch: epoch + 1, fenced: [] };
      await watched.cutOver(next);
      await audit(next);
    });
  }

  test("upstreams cut off from each other: a flip is done or refused, and nobody is heard twice, nor when it heals", async () => {
    machines.cut("server0", "server1");
    const to = "publisher1";
    const ran = await watched.run(to);
    machines.heal();
    assert.ok(ran.code === 0 || ran.code === 3, ran.output);
    await watched.cutOver(to);
    await audit(to);
  });

  test("an active one is stopped behind a cut: what its upstream still lists of it is named for what it may be, and goes when it heals", async () => {
    machines.cut("dummy-nats1", "server1");
    const first = await watched.cutOver("publisher0", 4);
    assert.match(
      first.stderr,
      /natsby exit 4: quiet: not proved that nobody is linked: server1 still has a route from dummy-nats1/,
    );
    const again = await watched.cutOver("publisher0", 3);
    machines.heal();
    assert.match(
      again.stderr,
      /server1 has a route from dummy-nats1 .* or one that was stopped while it was cut off from server1/,
    );
    await until(
      "it is gone",
      async () => {
        const { routes } = (await watched.stack.ask("server1", "/routez")) as { routes: { remote_name: string }[] };
        return routes.every(({ remote_name }) => remote_name !== "dummy-nats1");
      },
      60_000,
    );
    await watched.cutOver("publisher1");
    await audit("publisher1");
  });

  test("an upstream cut off from the operator only: refused, it is named, and who is heard stays so", async () => {
    machines.cut(operator, "server1");
    const ran = await watched.cutOver("publisher0", 3);
    machines.heal();
    assert.match(ran.stderr, /natsby exit 3: preflight: upstream server1 cannot be asked/);
    await audit("publisher1");
  });

  test("the active one cut off from the operator only, alive and heard: refused, the reason is named, and it is heard on", async () => {
    const files = watched.roleFiles();
    await watched.nothingDoubled();
    machines.cut(operator, "dummy-nats1");
    const ran = await watched.cutOver("publisher0", 3);
    machines.heal();
    assert.match(
      ran.stderr,
      /natsby exit 3: preflight: publisher1 is alive, and heard at server0, server1: only natsby gets no answer from dummy-nats1/,
    );
    assert.deepEqual(watched.roleFiles(), files);
    for (const { lost, server } of await watched.audit("publisher1")) assert.equal(lost, 0, `a hole at ${server}`);
  });
});
