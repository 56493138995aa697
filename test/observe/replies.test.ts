// Reading a server's answers: in tables, and against a real server by both roads.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { readLinks, readPublishing, readVarz, serverIdOf } from "../../infra/observe/replies.ts";
import { ServerConnection } from "../../infra/observe/server-connection.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { until } from "../support/until.ts";

const accounts = () => `
  accounts { APP { users: [{user: publisher0, password: p}] }, SYS { users: [{user: sys, password: p}] } }
  system_account: SYS
  server_metadata: { natsby_epoch: "3" }`;

test("the monitoring port and the system account give the same facts", async () => {
  await using server = await startNatsServer({
    config: ({ cluster }) => `${accounts()}
      cluster { name: C, listen: "127.0.0.1:${cluster}", routes: ["nats-route://127.0.0.1:1"] }`,
  });
  const address = { name: "test", url: server.clientUrl, user: "sys", password: "p" };
  await using connection = await ServerConnection.open(address, { connect: 2_000, request: 2_000 });
  const [varz, routez, leafz, connz] = await Promise.all([
    connection.ask("VARZ"),
    connection.ask("ROUTEZ"),
    connection.ask("LEAFZ"),
    connection.ask("CONNZ", { auth: true, user: "sys" }),
  ]);
  assert.deepEqual(readVarz(varz), readVarz(await server.ask("/varz")));
  assert.deepEqual(readVarz(varz).metadata, { natsby_epoch: "3" });
  assert.equal(readVarz(varz).dials, true);
  assert.equal(readVarz(varz).id, connection.id);
  assert.deepEqual(readLinks(routez, leafz), readLinks(await server.ask("/routez"), await server.ask("/leafz")));
  const asked = readPublishing(connz, "sys", 60_000);
  assert.equal(asked, readPublishing(await server.ask("/connz?auth=1&user=sys"), "sys", 60_000));
  for (const reply of [varz, routez, leafz, connz]) assert.equal(serverIdOf(reply), connection.id);
});

test("what last_activity means: a message moves it, a ping does not, and neither does being connected", async () => {
  await using server = await startNatsServer({ config: accounts });
  const socket = connect(server.ports.client, "127.0.0.1").setEncoding("utf8");
  await once(socket, "data");
  const publishing = async (silenceMs: number) =>
    readPublishing(await server.ask("/connz?auth=1&user=publisher0"), "publisher0", silenceMs);
  const say = async (line: string) => {
    socket.write(`${line}\r\nPING\r\n`);
    await once(socket, "data");
  };

  await say(`CONNECT {"verbose":false,"user":"publisher0","pass":"p"}`);
  assert.equal(await publishing(60_000), false, "connected, nothing sent yet");
  await say("PUB test 2\r\nhi");
  await until("the message counts", () => publishing(200), 1_000);
  await sleep(250);
  await say("PING");
  assert.equal(await publishing(200), false, "a ping is no message");
  await say("PUB test 2\r\nhi");
  assert.equal(await publishing(200), true);
  socket.destroy();
});

test("links are counted by server id and kind", () => {
  const routez = {
    routes: [
      { remote_id: "A", remote_name: "server1" },
      { remote_id: "B", remote_name: "dummy-nats0", account: "SYS" },
      { remote_id: "A", remote_name: "server1", account: "SYS" },
      { remote_id: "C", remote_name: "dummy-nats0" },
    ],
  };
  const leafz = { leafs: [{ id: 7, name: "dummy-nats1", account: "APP" }] };
  assert.deepEqual(readLinks(routez, leafz), [
    { id: "A", name: "server1", kind: "route", entries: 2 },
    { id: "B", name: "dummy-nats0", kind: "route", entries: 1 },
    { id: "C", name: "dummy-nats0", kind: "route", entries: 1 },
    { id: "", name: "dummy-nats1", kind: "leaf", entries: 1 },
  ]);
  assert.deepEqual(readLinks({ num_routes: 0 }, { leafnodes: 0, leafs: null }), []);
});

test("only a connection of the publisher itself that sent something lately is publishing", () => {
  const connz = (connection: object) => ({ now: "2026-01-01T00:00:10.5Z", connections: [connection] });
  const sent = { authorized_user: "publisher0", in_msgs: 5, last_activity: "2026-01-01T00:00:10.123456789Z" };
  const table: readonly [object, boolean][] = [
    [sent, true],
    [{ ...sent, authorized_user: "natsby-probe" }, false],
    [{ ...sent, in_msgs: 0 }, false],
    [{ ...sent, last_activity: "2026-01-01T00:00:09.4Z" }, false],
    [{ ...sent, last_activity: undefined }, false],
  ];
  for (const [connection, expected] of table) {
    assert.equal(readPublishing(connz(connection), "publisher0", 1_000), expected, JSON.stringify(connection));
  }
  assert.equal(readPublishing({ now: "2026-01-01T00:00:10Z" }, "publisher0", 1_000), false);
});

test("what is no nats-server's answer is refused, and extra or odd fields do no harm", () => {
  for (const data of [null, "hello", [], 7, {}, { server_id: 5 }])
    assert.throws(() => readVarz(data), /no nats-server/);
  for (const data of [null, "hello", []]) assert.throws(() => readLinks(data, {}), /no nats-server/);
  const odd = readVarz({ server_id: "X", metadata: { a: 1, b: "2" }, cluster: {}, leaf: null });
  assert.deepEqual(odd, { id: "X", name: "", version: null, digest: null, metadata: { b: "2" }, dials: false });
  assert.equal(readVarz({ server_id: "X", leaf: { remotes: [{}] } }).dials, true);
});
