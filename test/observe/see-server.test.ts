// Somebody else in a server's place: on its port, under its name, in the mesh.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { routeUrl } from "../../infra/core/role-file.ts";
import { look, problemsOf, startLookedAt } from "../support/looking.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { until } from "../support/until.ts";

test("a server that accepts and never answers is unknown after the bound", async () => {
  await using stack = await startLookedAt();
  await stack.kill("dummy-nats1");
  const port = stack.topology.publishers[1]?.dummy.monitorPort ?? 0;
  const black = createServer(() => {}).listen(port, "127.0.0.1");
  try {
    const before = performance.now();
    const seen = (await look(stack)).dummies[1];
    assert.ok(performance.now() - before < 1_500);
    assert.equal(seen?.reachable, null);
    assert.match(seen?.reason ?? "", /gave up after 1 s waiting for \/varz/);
  } finally {
    black.closeAllConnections();
    black.close();
  }
});

test("foreign servers on a port are named: another nats-server, one that steals the name, a web server", async () => {
  await using stack = await startLookedAt();
  const monitor = stack.topology.upstreams[1]?.monitorPort ?? 0;
  await stack.kill("server1");
  for (const [name, words] of [
    ["stranger", /a nats-server called stranger answers on 127\.0\.0\.1:/],
    ["server1", /a nats-server that natsby did not start, also called server1, answers/],
  ] as const) {
    await using _ = await startNatsServer({ name, ports: { monitor } });
    const { verdict, codes, texts } = await problemsOf(stack);
    assert.equal(verdict, "degraded");
    assert.ok(codes.includes("foreign-server server1"), `${codes}`);
    assert.match(texts, words);
  }
  const web = createServer((_, response) => response.end("hello")).listen(monitor, "127.0.0.1");
  try {
    await until("it listens", () => web.listening);
    assert.match((await problemsOf(stack)).texts, /no nats-server answers on 127\.0\.0\.1:/);
  } finally {
    web.closeAllConnections();
    web.close();
  }
});

test("a second process of one name, and a process of a publisher no longer in the config", async () => {
  await using stack = await startLookedAt({ publishers: 3 });
  const { topology } = stack;
  await stack.startPublisher("publisher1");
  const two = await problemsOf(stack);
  assert.deepEqual(two.codes, ["process-twice publisher1"]);
  Object.assign(stack, { topology: { ...topology, publishers: topology.publishers.slice(0, 2) } });
  const { codes } = await problemsOf(stack);
  assert.ok(codes.includes("stray-process publisher2") && codes.includes("stray-process dummy-nats2"), `${codes}`);
  Object.assign(stack, { topology });
});

test("a hand-made third dummy, and a foreign server under a dummy's name, are named", async () => {
  await using stack = await startLookedAt();
  const { upstreams, dataDir, cluster } = stack.topology;
  const folder = `${dataDir}/dummy-nats1`; // A real key is what it takes to get past the pins.
  const intruder = (name: string) =>
    startNatsServer({
      name,
      config: ({ cluster: port }) => `
        accounts { APP { users: [{user: a, password: b}] }, SYS {} }
        system_account: SYS
        cluster { name: "${cluster}", listen: "127.0.0.1:${port}", advertise: "127.0.0.1:1", pool_size: 1
          routes: [${upstreams.map((upstream) => `"${routeUrl(upstream)}"`).join(", ")}]
          tls { cert_file: "${folder}/cert.pem", key_file: "${folder}/key.pem", ca_file: "${folder}/ca.pem", verify: true } }`,
    });
  for (const [name, words] of [
    ["dummy-nats9", /dummy-nats9, no server of this stack, is linked at server0, server1/],
    ["dummy-nats1", /another server that calls itself dummy-nats1 is linked at server0, server1/],
  ] as const) {
    await using _ = await intruder(name);
    const { verdict, texts } = await until("its link is seen", async () => {
      const found = await problemsOf(stack);
      return found.codes.includes(`foreign-link ${name}`) && words.test(found.texts) && found;
    });
    assert.equal(verdict, "doubled");
    assert.match(texts, /linked at once: /);
  }
});
