// Who has a port: the program and its pid, as a user can look them up.

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { isFree, portOwner } from "../../infra/hosts/port-owner.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { freePorts } from "../support/ports.ts";

test("a free port has no owner", async () => {
  const [port = 0] = await freePorts(1);
  assert.equal(await isFree("127.0.0.1", port), true);
  assert.equal(await portOwner("127.0.0.1", port), null);
});

test("a port that a nats-server has names the program and its pid", async () => {
  await using server = await startNatsServer();
  for (const port of [server.ports.client, server.ports.monitor]) {
    assert.equal(await isFree("127.0.0.1", port), false);
    assert.match((await portOwner("127.0.0.1", port)) ?? "", new RegExp(`nats-server.*\\(pid ${server.pid}\\)$`));
  }
});

test("whoever listens on every address has the port of each, over IPv4 and IPv6", async () => {
  for (const host of ["0.0.0.0", "::"]) {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, host, resolve));
    const { port } = taken.address() as { port: number };
    assert.match((await portOwner("127.0.0.1", port)) ?? "", new RegExp(`\\(pid ${process.pid}\\)$`), host);
    await new Promise((resolve) => taken.close(resolve));
  }
});

test("a long command line is cut, its pid is not", async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const owner = (await portOwner("127.0.0.1", (taken.address() as { port: number }).port)) ?? "";
  assert.ok(owner.length <= 80 + ` (pid ${process.pid})`.length);
  assert.match(owner, new RegExp(` \\(pid ${process.pid}\\)$`));
  await new Promise((resolve) => taken.close(resolve));
});
