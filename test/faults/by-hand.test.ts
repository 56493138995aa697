// Role files and links made by hand. What runs is judged at the upstreams; the active dummy is never touched by the mending.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileOf } from "../../infra/core/layout.ts";
import { routeUrl } from "../../infra/core/role-file.ts";
import { quickTimeouts } from "../support/quick-timeouts.ts";
import { controlOf } from "../support/reload.ts";
import { until } from "../support/until.ts";
import { startWatched, type WatchedStack } from "../support/watched-stack.ts";

describe("by hand", () => {
  let watched: WatchedStack;
  before(async () => {
    watched = await startWatched({ over: { timeouts: quickTimeouts } });
    await watched.cutOver("publisher0");
  });
  after(() => watched[Symbol.asyncDispose]());

  const roleOf = (dummy: string) => fileOf(watched.stack.topology.dataDir, dummy, "role");
  const urls = () => watched.stack.topology.upstreams.map(routeUrl);

  /** Brings `publisher0` about again, which was active all the time: not one of its messages is missing anywhere. */
  async function mended(): Promise<void> {
    await watched.cutOver("publisher0");
    for (const { lost, server } of await watched.audit("publisher0")) assert.equal(lost, 0, `a hole at ${server}`);
  }

  async function linked(dummy: string, upstreams: number): Promise<void> {
    await until(`${dummy} is linked`, async () => {
      const at = await Promise.all(
        watched.stack.topology.upstreams.map(({ name }) => watched.stack.ask(name, "/routez")),
      );
      const lists = at.map(({ routes }) => (routes as { remote_name: string }[]).map(({ remote_name }) => remote_name));
      return lists.filter((names) => names.filter((name) => name === dummy).length === 2).length === upstreams;
    });
  }

  test("a second dummy attached: two are heard until a run takes it off; the active one has no hole", async () => {
    const { stack } = watched;
    await watched.nothingDoubled();
    await stack.writeRole("publisher1", urls());
    stack.signal("dummy-nats1", "SIGHUP");
    await linked("dummy-nats1", 2);
    await watched.forgive();
    await watched.cutOver("publisher0");
    for (const { holes } of await watched.forgive()) assert.equal(holes.publisher0, 0, "a hole");
    await watched.audit("publisher0");
  });

  test("a second dummy attached to one upstream only: taken off, though a reload alone might leave it half linked", async () => {
    const { stack } = watched;
    await stack.writeRole("publisher1", urls().slice(0, 1));
    stack.signal("dummy-nats1", "SIGHUP");
    await linked("dummy-nats1", 1);
    await watched.cutOver("publisher0");
    await watched.forgive();
    await watched.audit("publisher0");
  });

  test("a third dummy attached in the active one's stead: its lag is known, and nothing is heard twice", async () => {
    const { stack } = watched;
    await stack.writeRole("publisher0", []);
    stack.signal("dummy-nats0", "SIGHUP");
    await linked("dummy-nats0", 0);
    await stack.writeRole("publisher2", urls());
    stack.signal("dummy-nats2", "SIGHUP");
    await linked("dummy-nats2", 2);
    // Nobody proved that this one had heard what was heard last: what a hand doubles is not natsby's.
    await watched.witness.hears("publisher2");
    await sleep(500);
    await watched.forgive();
    const ran = await watched.cutOver("publisher1");
    assert.match(ran.stderr, /^preflight .* lag of the standby -?[\d.]+ ms$/m);
    assert.match(ran.stdout, /publisher2 -> publisher1; server0 gap [\d.]+ ms lost \d+ doubled 0/);
    await watched.audit("publisher1");
    await watched.cutOver("publisher0");
    await watched.audit("publisher0");
  });

  test("a link that the role file does not name, with no routes in the running config: its process is ended", async (t) => {
    const { stack } = watched;
    const wasLeft = await leaveBehind("publisher1");
    if (!wasLeft) t.skip("the race that leaves such a link did not happen on this machine");
    const pid = stack.processOf("dummy-nats1").pid;
    await watched.cutOver("publisher2");
    if (wasLeft) assert.notEqual(stack.processOf("dummy-nats1").pid, pid);
    await watched.forgive();
    await watched.audit("publisher2");
    await watched.cutOver("publisher0");
    await watched.audit("publisher0");
  });

  /** A route that was made while its file was being taken back: a race, tried until it happens. */
  async function leaveBehind(publisher: string): Promise<boolean> {
    const dummy = publisher.replace("publisher", "dummy-nats");
    const { stack } = watched;
    const isLinked = async () => {
      const { routes } = (await stack.ask(dummy, "/routez")) as { routes?: unknown[] };
      return (routes ?? []).length > 0;
    };
    await using control = await controlOf(stack, dummy);
    for (let tries = 0; tries < 60; tries++) {
      await stack.writeRole(publisher, urls());
      await control.reload();
      await sleep(tries % 4);
      await stack.writeRole(publisher, []);
      await control.reload();
      await sleep(50);
      if (await isLinked()) return true;
    }
    return false;
  }

  for (const dummy of ["dummy-nats0", "dummy-nats1"]) {
    for (const [what, spoil] of [
      ["cut short", (path: string) => writeFileSync(path, readFileSync(path, "utf8").slice(0, -9))],
      ["empty", (path: string) => writeFileSync(path, "")],
      ["gone", (path: string) => rmSync(path)],
      ["an empty directory", (path: string) => instead(path, () => mkdirSync(path))],
      ["a link to itself, so that nobody can read it", (path: string) => instead(path, () => symlinkSync(path, path))],
    ] as const) {
      test(`the role file of ${dummy} is ${what}: written again, and the active one has no hole`, async () => {
        spoil(roleOf(dummy));
        await mended();
      });
    }
  }

  test("a role file is a directory with something in it: refused with its path, nothing changed", async () => {
    const path = roleOf("dummy-nats1");
    const text = readFileSync(path, "utf8");
    block(path);
    const ran = await watched.cutOver("publisher1", 3);
    assert.ok(ran.stderr.includes(`${path} cannot be written: a directory with files in it stands there`), ran.stderr);
    rmSync(path, { recursive: true });
    writeFileSync(path, text, { mode: 0o600 });
    await watched.audit("publisher0");
  });

  test("the role file of the old one cannot be written once the flip is under way: it is stopped, and not started attached", async () => {
    const path = roleOf("dummy-nats0");
    const ran = await watched.cutOverWhile("publisher1", "before:detach", () => block(path), 0);
    assert.match(ran.stderr, /note: dummy-nats0 stays stopped: .* cannot be written/);
    await watched.witness.hears("publisher1");
    await watched.nothingDoubled();
    rmSync(path, { recursive: true });
    await watched.stack.writeRole("publisher0", []);
    await watched.stack.startServer("dummy-nats0");
    await watched.audit("publisher1");
    await watched.cutOver("publisher0");
    await watched.audit("publisher0");
  });

  /** A change that nats-server takes only at a start: `nats-server -t` says nothing against it. */
  const movePort = (dummy: string) => {
    const path = fileOf(watched.stack.topology.dataDir, dummy, "base");
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replace(/^http: .*$/m, 'http: "127.0.0.1:1"'));
    return () => writeFileSync(path, text);
  };
  const refusal = "refused RELOAD: config reload not supported for HTTP";

  test("the old one's server refuses the reload: its words are quoted, it is stopped and started with natsby's own file", async () => {
    movePort("dummy-nats0");
    const ran = await watched.cutOver("publisher1");
    assert.ok(
      ran.stderr.includes(`dummy-nats0 could not be told to detach and was stopped: dummy-nats0 ${refusal}`),
      ran.stderr,
    );
    await watched.audit("publisher1");
    await watched.cutOver("publisher0");
    await watched.audit("publisher0");
  });

  test("the new one's server refuses the reload: its words are quoted, and it is rolled back", async () => {
    movePort("dummy-nats1");
    const ran = await watched.cutOver("publisher1", 6);
    assert.ok(ran.stderr.includes(`publisher0 is heard again (attach: dummy-nats1 ${refusal}`), ran.stderr);
    await watched.audit("publisher0");
  });

  test("the active one cannot be linked at one upstream: said with exit 6, and not taken off at the others for it", async () => {
    const { stack } = watched;
    const path = fileOf(stack.topology.dataDir, "dummy-nats0", "keys");
    const text = readFileSync(path, "utf8");
    // The key of the second upstream is no longer one that this dummy trusts.
    writeFileSync(path, text.replace(/^( {2}"[0-9a-f]{64}"\n) {2}"[0-9a-f]{64}"\n/m, "$1"));
    stack.signal("dummy-nats0", "SIGHUP");
    await linked("dummy-nats0", 1);
    await watched.nothingDoubled();
    const ran = await watched.cutOver("publisher0", 6);
    assert.match(
      ran.stderr,
      /natsby exit 6: publisher0 was attached all the time and stays so \(prove: gave up after 2 s/,
    );
    const [server0] = await watched.nothingDoubled();
    assert.equal(server0?.lost, 0, "a hole where it was heard");
    writeFileSync(path, text);
    stack.signal("dummy-nats0", "SIGHUP");
    await linked("dummy-nats0", 2);
    await watched.audit("publisher0");
  });

  test("the active one's nats.conf edited and not loaded: said with exit 6, and it goes on being heard", async () => {
    const path = fileOf(watched.stack.topology.dataDir, "dummy-nats0", "base");
    const text = readFileSync(path, "utf8");
    writeFileSync(path, `${text}max_control_line: 8192\n`);
    await watched.nothingDoubled();
    const ran = await watched.cutOver("publisher0", 6);
    assert.match(
      ran.stderr,
      /natsby exit 6: publisher0 was attached all the time and stays so \(prove: dummy-nats0 runs/,
    );
    writeFileSync(path, text);
    for (const { lost } of await watched.audit("publisher0")) assert.equal(lost, 0);
  });
});

function instead(path: string, put: () => void): void {
  rmSync(path);
  put();
}

/** A directory that is not natsby's to remove. */
const block = (path: string): void =>
  instead(path, () => {
    mkdirSync(path);
    writeFileSync(`${path}/kept`, "");
  });
