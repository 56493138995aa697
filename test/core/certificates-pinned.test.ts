// Pins in a real mesh: two upstreams that know each other's keys link; whoever's key is not pinned stays out.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { issueIdentity } from "../../infra/core/certificates.ts";
import { fileOf } from "../../infra/core/layout.ts";
import { routeUrl } from "../../infra/core/role-file.ts";
import { writeText } from "../../infra/hosts/text-file.ts";
import { startStack } from "../support/stack.ts";
import { until } from "../support/until.ts";

const stack = await startStack();
after(() => stack[Symbol.asyncDispose]());
const { upstreams, dataDir } = stack.topology;
const names = upstreams.map(({ name }) => name);
const everyRoute = upstreams.map(routeUrl);

test("two upstreams and the active dummy link, each by two connections", async () => {
  assert.deepEqual(await linksAt("server0"), ["dummy-nats0", "dummy-nats0", "server1", "server1"]);
  assert.deepEqual(await linksAt("server1"), ["dummy-nats0", "dummy-nats0", "server0", "server0"]);
});

test("a dummy with a certificate of the stack whose key is not pinned is refused, and nobody else is cut", async () => {
  const links = await everyLink();
  await pin([...names, "dummy-nats0"]);
  await stack.writeRole("publisher1", everyRoute);
  stack.signal("dummy-nats1", "SIGHUP");
  await bothRefuse("certificate not pinned");
  assert.deepEqual(await everyLink(), links);
});

test("its own log is no proof: only the upstreams say that it was refused", async () => {
  assert.doesNotMatch(await logOf("dummy-nats1"), /not pinned/);
});

test("once pinned it is let in", async () => {
  await pin([...names, "dummy-nats0", "dummy-nats1"]);
  const whole = async (name: string) => (await linksAt(name)).filter((peer) => peer === "dummy-nats1").length === 2;
  for (const name of names) await until(`dummy-nats1 is linked at ${name}`, () => whole(name));
});

test("a pin taken out cuts exactly that dummy", async () => {
  const others = (links: readonly string[]) => links.filter((link) => !link.startsWith("dummy-nats1 "));
  const before = others(await everyLink());
  await pin([...names, "dummy-nats0"]);
  await until(
    "dummy-nats1 is cut at both",
    async () => !(await everyLink()).some((link) => link.startsWith("dummy-nats1 ")),
  );
  assert.deepEqual(await everyLink(), before);
});

test("a key of another stack is refused though it bears a pinned server's name", async () => {
  await stack.kill("dummy-nats1");
  await pin([...names, "dummy-nats0", "dummy-nats1"]);
  const foreign = await issueIdentity("the secret of quite another stack", "dummy-nats0", []);
  for (const file of ["certificate", "key"] as const)
    await writeText(fileOf(dataDir, "dummy-nats1", file), foreign[file], 0o600);
  const links = await everyLink();
  await stack.startServer("dummy-nats1");
  await bothRefuse("unknown authority|certificate signed by|bad certificate");
  assert.deepEqual(await everyLink(), links);
});

/** Has both upstreams let in these servers, and no other. */
async function pin(servers: string[]): Promise<void> {
  for (const name of names) {
    await stack.writePins(name, servers);
    stack.signal(name, "SIGHUP");
  }
}

async function bothRefuse(words: string): Promise<void> {
  for (const name of names) {
    await until(`${name} refuses: ${words}`, async () => new RegExp(words).test(await logOf(name)));
  }
}

const logOf = (name: string): Promise<string> => readFile(fileOf(dataDir, name, "log"), "utf8");

async function routesAt(name: string): Promise<readonly { remote_name: string; rid: number }[]> {
  return ((await stack.ask(name, "/routez")) as { routes: { remote_name: string; rid: number }[] }).routes;
}

/** Names of the other ends of its connections. */
const linksAt = async (name: string): Promise<readonly string[]> =>
  (await routesAt(name)).map(({ remote_name }) => remote_name).toSorted();

/** Every connection at both upstreams: one that is made again counts as another. */
async function everyLink(): Promise<readonly string[]> {
  const all = await Promise.all(names.map(async (at) => (await routesAt(at)).map((route) => ({ at, ...route }))));
  return all
    .flat()
    .map(({ at, remote_name, rid }) => `${remote_name} at ${at}, ${rid}`)
    .toSorted();
}
