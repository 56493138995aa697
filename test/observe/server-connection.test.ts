// Asking one very server: its honest answer to a reload, and nobody else's answer taken for its own.

import assert from "node:assert/strict";
import { appendFile, writeFile } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { renderConfig } from "../../infra/core/nats-config.ts";
import { connectNats } from "../../infra/observe/nats.ts";
import { ServerConnection } from "../../infra/observe/server-connection.ts";
import { type NatsServer, startNatsServer } from "../support/nats-server.ts";

const user = "natsby";
const password = "secret";
const bounds = { connect: 2_000, request: 500 };
const metadata = (ticket: number): string => renderConfig({ server_metadata: { natsby_ticket: String(ticket) } });

/** A server that reads `role.conf`, with a system account and one of its own, in which $SYS subjects are like any other. */
const startServer = (name = "server0"): Promise<NatsServer> =>
  startNatsServer({
    name,
    files: { "role.conf": metadata(1) },
    config: () =>
      `include "role.conf"\n${renderConfig({
        accounts: {
          SYS: { users: [{ user, password }] },
          APP: { users: [{ user: "plain", password }] },
        },
        system_account: "SYS",
      })}`,
  });

const open = (server: NatsServer, over = {}) =>
  ServerConnection.open({ name: "server0", url: server.clientUrl, user, password, ...over }, bounds);

test("a reload is answered when it is applied, with the metadata then in force", async () => {
  await using server = await startServer();
  await using connection = await open(server);
  await writeFile(join(server.folder, "role.conf"), metadata(7));
  const { name, id, metadata: inForce } = await connection.reload();
  assert.deepEqual([name, id, inForce], ["server0", (await server.ask("/varz")).server_id, { natsby_ticket: "7" }]);
  assert.deepEqual((await server.ask("/varz")).metadata, { natsby_ticket: "7" });
});

test("a reload that the server refuses is an error in its own words, and the old config runs on", async () => {
  await using server = await startServer();
  await using connection = await open(server);
  const refused = { name: "UserError", code: "server-refused" } as const;
  await appendFile(join(server.folder, "nats.conf"), "nonsense {\n");
  await assert.rejects(connection.reload(), {
    ...refused,
    message: /^server0 refused RELOAD: Parse error on line \d+/,
  });
  await writeFile(join(server.folder, "nats.conf"), `server_name: other\ninclude "role.conf"\n`);
  await assert.rejects(connection.reload(), { ...refused, message: /^server0 refused RELOAD: .*not supported/ });
  assert.deepEqual((await server.ask("/varz")).metadata, { natsby_ticket: "1" });
});

test("it is asked what the monitoring port says", async () => {
  await using server = await startServer();
  await using connection = await open(server);
  const said = (await connection.ask("VARZ")) as Record<string, unknown>;
  assert.equal(said.config_digest, (await server.ask("/varz")).config_digest);
  const { connections } = (await connection.ask("CONNZ", { auth: true })) as { connections: { name: string }[] };
  assert.deepEqual(
    connections.map(({ name }) => name),
    ["natsby"],
  );
});

test("a server of another name is refused, by both names", async () => {
  await using server = await startServer("server1");
  await assert.rejects(open(server), {
    name: "UserError",
    code: "foreign-server",
    message: `${server.clientUrl} is server1, not server0`,
    hint: "stop what listens there, or give server0 another port",
  });
});

test("a server that knows natsby's password not, and nobody at all, are told apart", async () => {
  await using server = await startServer();
  await assert.rejects(open(server, { password: "wrong" }), { code: "AUTHORIZATION_VIOLATION" });
  await server.kill();
  await assert.rejects(open(server), { code: "CONNECTION_REFUSED" });
});

test("the answer of another server is never taken for this one's", async () => {
  await using server = await startServer();
  const stranger = await connectNats({
    ...{ url: server.clientUrl, user: "plain", password, name: "stranger", timeoutMs: 2_000 },
  });
  stranger.subscribe("$SYS.REQ.SERVER.>", {
    callback: (_, message) => void message.respond(JSON.stringify({ server: { id: "X", name: "stranger" }, data: {} })),
  });
  await stranger.flush();
  // As a user of the same account: here the stranger can answer what only the system account should be asked.
  await using connection = await open(server, { user: "plain" });
  const foreign = { code: "foreign-reply", message: "server0 was asked, stranger answered" } as const;
  await assert.rejects(connection.ask("ROUTEZ"), foreign);
  await assert.rejects(connection.reload(), foreign);
  await stranger.close();
});

test("a user that is not the system account's is told so, at once", async () => {
  await using server = await startServer();
  await using connection = await open(server, { user: "plain" });
  await assert.rejects(connection.ask("VARZ"), {
    code: "no-answer",
    message: /^server0 did not answer VARZ: it does not answer to natsby's user: not the system account/,
  });
});

test("a frozen server is given up after the bound, with how long that was", async () => {
  await using server = await startServer();
  await using connection = await open(server);
  server.freeze();
  const asked = performance.now();
  await assert.rejects(connection.ask("VARZ"), {
    code: "no-answer",
    message: "server0 did not answer VARZ: no answer in time (gave up after 0.5 s)",
  });
  assert.ok(performance.now() - asked < 3_000);
  await server.kill();
});

test("whoever listens there and is no nats-server is given up after the bound", async () => {
  const sockets: Socket[] = [];
  const mute = createServer((socket) => void sockets.push(socket)).listen(0, "127.0.0.1");
  await new Promise((resolve) => mute.once("listening", resolve));
  const { port } = mute.address() as { port: number };
  const asked = performance.now();
  const address = { name: "server0", url: `nats://127.0.0.1:${port}`, user, password };
  await assert.rejects(ServerConnection.open(address, { connect: 200, request: 200 }), { code: "TIMEOUT" });
  assert.ok(performance.now() - asked < 3_000);
  for (const socket of sockets) socket.destroy();
  mute.close();
});
