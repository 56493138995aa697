// Servers and processes that are not the stack's: seen at the upstreams by their id, refused, and never signalled.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { issueIdentity } from "../../infra/core/certificates.ts";
import { folderOf } from "../../infra/core/layout.ts";
import { routeUrl } from "../../infra/core/role-file.ts";
import { problemsOf } from "../support/looking.ts";
import { type NatsServer, startNatsServer } from "../support/nats-server.ts";
import { quickTimeouts } from "../support/quick-timeouts.ts";
import { until } from "../support/until.ts";
import { startWatched, type WatchedStack } from "../support/watched-stack.ts";

describe("strangers", () => {
  let watched: WatchedStack;
  before(async () => {
    watched = await startWatched({ over: { timeouts: quickTimeouts } });
    await watched.cutOver("publisher0");
  });
  after(() => watched[Symbol.asyncDispose]());

  /** A server with a key that the upstreams let in, linked to them, under the name of the dummy whose key it is. */
  async function impostor(name: string): Promise<NatsServer> {
    const { clusterSecret, topology } = watched.stack;
    const { ca, certificate, key } = await issueIdentity(clusterSecret, name, []);
    const tls = "tls { cert_file: cert.pem, key_file: key.pem, ca_file: ca.pem, verify: true, timeout: 5 }";
    const routes = JSON.stringify(topology.upstreams.map(routeUrl));
    const server = await startNatsServer({
      name,
      files: { "ca.pem": ca, "cert.pem": certificate, "key.pem": key },
      config: () => `
        cluster { name: ${topology.cluster}, listen: "127.0.0.1:-1", advertise: "127.0.0.1:1", pool_size: 1, routes: ${routes}, ${tls} }
        accounts { APP { users: [{user: a, password: b}] }, SYS { users: [{user: s, password: t}] } }
        system_account: SYS\n`,
    });
    const { server_id: id } = await server.ask("/varz");
    await until("the impostor is linked", async () => {
      const { routes } = (await watched.stack.ask("server1", "/routez")) as { routes: { remote_id: string }[] };
      return routes.some(({ remote_id }) => remote_id === id);
    });
    return server;
  }

  test("a second server under the name of the target's dummy, with its key: seen, and a flip is refused", async () => {
    const files = watched.roleFiles();
    {
      await using _ = await impostor("dummy-nats1");
      const { verdict, texts } = await problemsOf(watched.stack);
      assert.equal(verdict, "doubled");
      assert.match(texts, /another server that calls itself dummy-nats1 is linked at server0, server1/);
      const ran = await watched.cutOver("publisher1", 3);
      assert.match(
        ran.stderr,
        /natsby exit 3: preflight: server\d has a route from dummy-nats1 \(N\w+\), which is not this/,
      );
    }
    assert.deepEqual(watched.roleFiles(), files);
    await watched.audit("publisher0");
  });

  test("one that comes once the flip is under way: nothing is attached, and it is named", async () => {
    let stranger: NatsServer | undefined;
    const come = async () => {
      stranger = await impostor("dummy-nats2");
    };
    const ran = await watched.cutOverWhile("publisher1", "before:quiet", come, 4);
    await stranger?.[Symbol.asyncDispose]();
    assert.match(
      ran.stderr,
      /natsby exit 4: quiet: not proved that nobody is linked: server\d still has a route from dummy-nats2/,
    );
    await watched.cutOver("publisher1");
    await watched.audit("publisher1");
    await watched.cutOver("publisher0");
    await watched.audit("publisher0");
  });

  test("a pid file that names somebody else's process: it is not read, whatever has to be stopped", async () => {
    const { stack } = watched;
    const stranger = spawn("sleep", ["60"], { stdio: "ignore" });
    try {
      for (const name of ["nats-server.pid", "server.pid", "pid"]) {
        writeFileSync(`${folderOf(stack.topology.dataDir, "dummy-nats0")}/${name}`, `${stranger.pid}\n`);
      }
      stack.signal("dummy-nats0", "SIGSTOP");
      await watched.cutOver("publisher1");
      await watched.audit("publisher1");
      assert.deepEqual([stranger.exitCode, stranger.signalCode], [null, null]);
    } finally {
      stranger.kill();
    }
  });
});
