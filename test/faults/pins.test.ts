// Pins edited by hand: who may be in the mesh. What is missing is let in again, and the active dummy is never cut off by the mending.

import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileOf } from "../../infra/core/layout.ts";
import { problemsOf } from "../support/looking.ts";
import { quickTimeouts } from "../support/quick-timeouts.ts";
import { until } from "../support/until.ts";
import { startWatched, type WatchedStack } from "../support/watched-stack.ts";

describe("pins edited by hand", () => {
  let watched: WatchedStack;
  before(async () => {
    watched = await startWatched({ over: { timeouts: quickTimeouts } });
    await watched.cutOver("publisher0");
    await watched.nothingDoubled();
  });
  after(() => watched[Symbol.asyncDispose]());

  const all = ["server0", "server1", "dummy-nats0", "dummy-nats1", "dummy-nats2"];
  const without = (name: string) => all.filter((one) => one !== name);
  const pinsOf = (upstream: string) => fileOf(watched.stack.topology.dataDir, upstream, "pins");

  async function pin(upstream: string, servers: readonly string[]): Promise<void> {
    await watched.stack.writePins(upstream, [...servers]);
    watched.stack.signal(upstream, "SIGHUP");
    const kept = servers.includes("dummy-nats0");
    await until("the pins are loaded", async () => {
      const { routes } = (await watched.stack.ask(upstream, "/routez")) as { routes: { remote_name: string }[] };
      return kept || !routes.some(({ remote_name }) => remote_name === "dummy-nats0");
    });
  }

  test("the target's is missing at one upstream: the flip lets it in, after it read back detached", async () => {
    await pin("server1", without("dummy-nats1"));
    const ran = await watched.cutOver("publisher1");
    assert.match(ran.stderr, /^pins in .* dummies' pins written at server1$/m);
    await watched.audit("publisher1");
    await watched.cutOver("publisher0");
    await watched.audit("publisher0");
  });

  test("the active one's is missing at one upstream: let in again, and not missed at the other meanwhile", async () => {
    await pin("server1", without("dummy-nats0"));
    await watched.cutOver("publisher0");
    const [server0] = await watched.audit("publisher0");
    assert.equal(server0?.lost, 0, "a hole at the upstream that had its pin");
  });

  for (const [what, spoil] of [
    ["cut short", (path: string) => writeFileSync(path, readFileSync(path, "utf8").slice(0, -40))],
    ["empty", (path: string) => writeFileSync(path, "")],
    ["gone", (path: string) => rmSync(path)],
    ["with another key under a name", (path: string) => swapKeys(path)],
  ] as const) {
    test(`the file is ${what}, not loaded: mended, and the active one is not cut off`, async () => {
      spoil(pinsOf("server0"));
      await watched.cutOver("publisher0");
      for (const { lost, server } of await watched.audit("publisher0")) assert.equal(lost, 0, server);
    });
  }

  test("the key under the target's name is another one, and loaded: the flip mends it", async () => {
    swapKeys(pinsOf("server0"));
    watched.stack.signal("server0", "SIGHUP");
    const { texts } = await problemsOf(watched.stack);
    assert.match(texts, /server0\/pins.conf has another key than its own for dummy-nats2/);
    await watched.cutOver("publisher2");
    await watched.audit("publisher2");
    await watched.cutOver("publisher0");
    await watched.audit("publisher0");
  });

  test("the target's is taken out once the flip is under way: rolled back, the old one is heard again", async () => {
    const cut = () => pin("server1", without("dummy-nats1"));
    const ran = await watched.cutOverWhile("publisher1", "after:pins in", cut, 6);
    assert.match(
      ran.stderr,
      /natsby exit 6: rolled back: publisher0 is heard again \(prove: gave up after 2 s waiting until server1 has/,
    );
    await watched.witness.hears("publisher0");
    await watched.cutOver("publisher0");
    await watched.audit("publisher0");
  });

  test("and the old one cannot be put back: nobody is heard, and that is said", async () => {
    const { stack } = watched;
    const cut = async () => {
      await pin("server1", without("dummy-nats1"));
      await stack.kill("dummy-nats0");
    };
    const ran = await watched.cutOverWhile("publisher1", "after:pins in", cut, 5);
    assert.match(ran.stderr, /natsby exit 5: NOBODY ACTIVE: dummy-nats0 could not be put back/);
    await stack.startServer("dummy-nats0");
    await watched.cutOver("publisher1");
    await watched.audit("publisher1");
  });

  test("taken out by a fence that was killed before an upstream read it: the next run has it read", async () => {
    const { stack } = watched;
    await watched.cutOver("publisher1");
    await stack.kill("dummy-nats1");
    for (const server of ["server0", "server1"]) await stack.writePins(server, without("dummy-nats1"));
    const over = { fenced: ["publisher1"], epoch: stack.topology.epoch + 1 };
    await watched.cutOver("publisher2", 0, { over });
    await stack.startServer("dummy-nats1");
    await setTimeout(1_000);
    const { routes } = (await stack.ask("server0", "/routez")) as { routes: { remote_name: string }[] };
    assert.ok(!routes.some(({ remote_name }) => remote_name === "dummy-nats1"), "it came back through its fence");
    await watched.witness.hears("publisher2");
    await watched.nothingDoubled();
  });
});

/** The third publisher's dummy is pinned by a key that is nobody's. */
function swapKeys(path: string): void {
  const text = readFileSync(path, "utf8");
  const keyOf = (name: string) => new RegExp(`"([0-9a-f]{64})" # ${name}`).exec(text)?.[1] ?? "";
  writeFileSync(path, text.replace(keyOf("dummy-nats2"), "0".repeat(64)));
}
