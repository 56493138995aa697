// Servers and publishers that live and answer nothing. A reload that was asked for is no detach, and unknown is never ok.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { isRunning } from "../../infra/hosts/processes.ts";
import { quickTimeouts } from "../support/quick-timeouts.ts";
import { startWatched, type WatchedStack } from "../support/watched-stack.ts";

describe("frozen", () => {
  let watched: WatchedStack;
  let active = "publisher0";
  before(async () => {
    watched = await startWatched({ over: { timeouts: quickTimeouts } });
  });
  after(() => watched[Symbol.asyncDispose]());

  /** It is refused, quickly, and every server loaded nothing and links as before. */
  async function refused(to: string, expected: RegExp, thaw: () => void): Promise<void> {
    const files = watched.roleFiles();
    const ran = await watched.cutOver(to, 3);
    assert.match(ran.stderr, expected);
    assert.deepEqual(watched.roleFiles(), files);
    thaw();
    await watched.audit(active);
  }

  test("the active dummy, by a plain flip: its process is stopped, and comes back detached; nothing of it is heard late", async () => {
    const { stack } = watched;
    const frozen = stack.processOf("dummy-nats0");
    stack.signal("dummy-nats0", "SIGSTOP");
    const ran = await watched.cutOver("publisher1");
    assert.match(ran.stderr, /note: dummy-nats0 started \(pid \d+\)/);
    assert.ok(!isRunning(frozen), "a process that thaws would pour out what it has");
    active = "publisher1";
    await watched.audit(active);
  });

  test("the active dummy, once the flip is under way: the same", async () => {
    const { stack } = watched;
    const frozen = stack.processOf("dummy-nats1");
    await watched.cutOverWhile("publisher2", "before:detach", () => stack.signal("dummy-nats1", "SIGSTOP"), 0);
    assert.ok(!isRunning(frozen));
    active = "publisher2";
    await watched.audit(active);
  });

  test("a dummy that neither was active nor is to be: stopped as well, for nobody knows what it does", async () => {
    watched.stack.signal("dummy-nats0", "SIGSTOP");
    await watched.cutOver("publisher1");
    active = "publisher1";
    await watched.audit(active);
  });

  test("the standby's dummy: refused, nothing changed", async () => {
    const { stack } = watched;
    stack.signal("dummy-nats0", "SIGSTOP");
    await refused("publisher0", /natsby exit 3: preflight: dummy-nats0 cannot be asked/, () =>
      stack.signal("dummy-nats0", "SIGCONT"),
    );
  });

  test("the standby's publisher: refused, it would be silent", async () => {
    const { stack } = watched;
    stack.signal("publisher0", "SIGSTOP");
    await refused("publisher0", /natsby exit 3: preflight: publisher0 said nothing for 1 s at dummy-nats0/, () =>
      stack.signal("publisher0", "SIGCONT"),
    );
  });

  test("an upstream: refused, it could have any link", async () => {
    const { stack } = watched;
    stack.signal("server1", "SIGSTOP");
    await refused("publisher0", /natsby exit 3: preflight: upstream server1 cannot be asked/, () =>
      stack.signal("server1", "SIGCONT"),
    );
  });

  test("an upstream, once the flip is under way: nothing is attached, and it is said which one; run again it is brought about", async () => {
    const { stack } = watched;
    const freeze = () => stack.signal("server0", "SIGSTOP");
    const ran = await watched.cutOverWhile("publisher2", "before:quiet", freeze, 4);
    stack.signal("server0", "SIGCONT");
    assert.match(ran.stderr, /natsby exit 4: quiet: not proved that nobody is linked: server0 does not answer/);
    await watched.cutOver("publisher2");
    active = "publisher2";
    await watched.audit(active);
  });

  test("an upstream, when the new one is about to be attached: nobody is put back either, since it could still list a link", async () => {
    const { stack } = watched;
    const freeze = () => stack.signal("server0", "SIGSTOP");
    const ran = await watched.cutOverWhile("publisher0", "before:attach", freeze, 4);
    stack.signal("server0", "SIGCONT");
    assert.match(
      ran.stderr,
      /natsby exit 4: not proved that nobody is linked, so nobody was put back: server0 does not/,
    );
    await watched.cutOver("publisher0");
    active = "publisher0";
    await watched.audit(active);
  });

  test("the old publisher: the flip goes on without its last stamps, and says so where it must", async () => {
    watched.stack.signal("publisher0", "SIGSTOP");
    const ran = await watched.cutOver("publisher1");
    assert.match(ran.stderr, /note: doubles cannot be excluded on test/);
    watched.stack.signal("publisher0", "SIGCONT");
    active = "publisher1";
    await watched.audit(active);
  });
});
