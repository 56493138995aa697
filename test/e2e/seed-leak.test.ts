// The recipe as it was published: routes taken out of a dummy's config and a reload. On plain servers the dummy stays linked,
// and its publisher is heard on; on natsby's servers the same reload takes the link off everywhere, and nothing brings it back.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type NatsServer, startNatsServer } from "../support/nats-server.ts";
import { freePorts } from "../support/ports.ts";
import { routesAt } from "../support/servers.ts";
import { startStack, type TestStack } from "../support/stack.ts";
import { until } from "../support/until.ts";
import { upstreamsOf, Witness } from "../support/witness.ts";

/** It takes a moment until an upstream has dialled back whom the others told it of. */
const settleMs = 300;
/** In one of three the link that is left does not carry the subject: that is luck, not detachment. */
const mostTries = 12;

test("the recipe of 2019 leaks: with its routes removed and reloaded, a dummy is still linked and heard", async () => {
  const ports = await freePorts(3);
  await using server0 = await seedServer("server0", ports[0], [ports[1]]);
  await using server1 = await seedServer("server1", ports[1], [ports[0]]);
  await using dummy = await seedServer("dummy-nats0", ports[2], ports.slice(0, 2));
  await using witness = await Witness.at(
    [server0, server1].map(({ name, clientUrl: url }) => ({ name, url, user: "", password: "" })),
  );
  using _ = publishTo(dummy);
  for (let tries = 1; ; tries++) {
    await until("both upstreams list the dummy", async () => (await linkedAt(dummy, [server0, server1])).length === 2);
    await sleep(settleMs);
    seedConfig(dummy, ports[2], []);
    await sleep(settleMs);
    const linked = await linkedAt(dummy, [server0, server1]);
    await witness.take();
    await sleep(settleMs);
    const heard = (await witness.take()).filter((one) => (one.heard.publisher0 ?? 0) > 0);
    if (heard.length > 0) return assert.ok(linked.length > 0, "who is heard is linked");
    assert.ok(tries < mostTries, `${mostTries} times a reload without routes detached the dummy`);
    seedConfig(dummy, ports[2], ports.slice(0, 2));
  }
});

test("natsby's servers do not leak: the same reload takes the link off at every upstream, an upstream's restart brings none", async () => {
  await using stack = await startStack({ rate: 200 });
  await using witness = await Witness.at(upstreamsOf(stack.topology, stack.clusterSecret));
  for (let round = 0; round < 3; round++) {
    await stack.writeRole("publisher0");
    stack.signal("dummy-nats0", "SIGHUP");
    await witness.hears("publisher0");
    await until("the link is whole", async () => (await linksOf(stack)).length === 4);
    await sleep(settleMs);
    await stack.writeRole("publisher0", []);
    stack.signal("dummy-nats0", "SIGHUP");
    await assertSilent(stack, witness);
  }
  await stack.kill("server1");
  await stack.startServer("server1");
  const isBack = async () => (await witness.glance()).every(({ isListening }) => isListening);
  await until("the witness listens at server1 again", isBack);
  await until(
    "the mesh is whole",
    async () => (await routesOf(stack, "server0")).filter(({ remote_name }) => remote_name === "server1").length === 2,
  );
  await assertSilent(stack, witness);
});

async function assertSilent(stack: TestStack, witness: Witness): Promise<void> {
  await until("no upstream lists the dummy", async () => (await linksOf(stack)).length === 0, 1_000);
  await witness.take();
  for (let look = 0; look < 10; look++) {
    await sleep(100);
    assert.deepEqual(await linksOf(stack), []);
  }
  for (const { server, heard } of await witness.take()) assert.deepEqual(heard, {}, server);
}

/** Each connection of the dummy that an upstream lists, whoever dialled it. */
async function linksOf(stack: TestStack): Promise<readonly string[]> {
  const all = await Promise.all(["server0", "server1"].map((name) => routesOf(stack, name)));
  return all.flat().flatMap(({ remote_name }) => (remote_name.startsWith("dummy-") ? [remote_name] : []));
}

async function routesOf(stack: TestStack, name: string) {
  const monitorPort = stack.topology.upstreams.find((upstream) => upstream.name === name)?.monitorPort;
  return routesAt(`http://127.0.0.1:${monitorPort}`);
}

async function linkedAt(dummy: NatsServer, upstreams: readonly NatsServer[]): Promise<readonly string[]> {
  const listed = upstreams.map(async ({ name, ports }) => {
    const routes = await routesAt(`http://127.0.0.1:${ports.monitor}`);
    return routes.some(({ remote_name }) => remote_name === dummy.name) ? [name] : [];
  });
  return (await Promise.all(listed)).flat();
}

/** A server as the seed configures it. */
function seedServer(
  name: string,
  port: number | undefined,
  routes: readonly (number | undefined)[],
): Promise<NatsServer> {
  return startNatsServer({ name, config: () => seedCluster(port, routes) });
}

/** Writes the dummy's config with these routes, and asks for the reload. */
function seedConfig(server: NatsServer, port: number | undefined, routes: readonly number[]): void {
  const { name, folder, ports } = server;
  const base = `server_name: "${name}"\nlisten: "127.0.0.1:${ports.client}"\nhttp: "127.0.0.1:${ports.monitor}"\n`;
  writeFileSync(join(folder, "nats.conf"), base + seedCluster(port, routes));
  server.signal("SIGHUP");
}

const seedCluster = (port: number | undefined, routes: readonly (number | undefined)[]): string => {
  const urls = routes.map((route) => `"nats-route://127.0.0.1:${route}"`);
  return `cluster { name: C1, listen: "127.0.0.1:${port}", no_advertise: true, routes: [${urls.join(", ")}] }\n`;
};

function publishTo({ ports }: NatsServer): Disposable {
  const socket = connect(ports.client, "127.0.0.1").on("error", () => undefined);
  socket.write('CONNECT {"verbose":false}\r\n');
  let seq = 0;
  const timer = setInterval(() => {
    const payload = JSON.stringify({ publisher: "publisher0", seq: ++seq });
    socket.write(`PUB test ${payload.length}\r\n${payload}\r\n`);
  }, 5);
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
      socket.destroy();
    },
  };
}
