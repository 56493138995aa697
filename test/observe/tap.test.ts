// A tap at a real server: hears every message once, knows the newest stamp of each subject, and never waits without a bound.

import assert from "node:assert/strict";
import { test } from "node:test";
import { connectNats, headers } from "../../infra/observe/nats.ts";
import { Tap, type TapOptions } from "../../infra/observe/tap.ts";
import { type NatsServer, startNatsServer } from "../support/nats-server.ts";

const config = (): string => 'authorization { users: [{user: "u", password: "p"}] }\n';
const login = (server: NatsServer) => ({ url: server.clientUrl, user: "u", password: "p", timeoutMs: 1_000 });
const openTap = (server: NatsServer, over: Partial<TapOptions> = {}): Promise<Tap> =>
  Tap.open({ ...login(server), subjects: ["test"], stamp: { json: "/seq" }, ...over });

/** Publishes numbers on a subject, and returns when the server has them. */
async function publish(server: NatsServer, subject: string, ...stamps: readonly (number | string)[]): Promise<void> {
  const nats = await connectNats({ ...login(server), name: "test" });
  for (const seq of stamps) nats.publish(subject, JSON.stringify({ seq }));
  await nats.flush();
  await nats.close();
}

test("what was published before a flush is heard after it, oldest first, by the tap's own clock", async () => {
  await using server = await startNatsServer({ config });
  await using tap = await openTap(server);
  const before = performance.now();
  await publish(server, "test", 1, 2, 3);
  await tap.flush(1_000);
  assert.deepEqual(
    tap.heard.map(({ subject, stamp }) => [subject, stamp]),
    [
      ["test", 1],
      ["test", 2],
      ["test", 3],
    ],
  );
  const times = tap.heard.map(({ at }) => at);
  assert.ok(before <= (times[0] ?? 0) && (times.at(-1) ?? 0) <= performance.now());
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
});

test("subjects that overlap deliver each message once, and every message", async () => {
  await using server = await startNatsServer({ config });
  await using tap = await openTap(server, { subjects: ["a.*", "*.b", "a.b", "a.>", "c", "c"] });
  for (const subject of ["a.b", "x.b", "a.c", "a.b.c", "c", "x.y"]) await publish(server, subject, 1);
  await tap.flush(1_000);
  const heard = tap.heard.map(({ subject }) => subject);
  assert.deepEqual(heard, ["a.b", "x.b", "a.c", "a.b.c", "c"]);
});

test("the newest stamp of each subject is known; an old one, and a message without, change nothing", async () => {
  await using server = await startNatsServer({ config });
  await using tap = await openTap(server, { subjects: ["a", "b"] });
  await publish(server, "a", 5, 7, 6, "none");
  await publish(server, "b", 1);
  await tap.flush(1_000);
  assert.deepEqual(
    [...tap.newest].map(([subject, { stamp }]) => [subject, stamp]),
    [
      ["a", 7],
      ["b", 1],
    ],
  );
  assert.equal(tap.newest.get("a")?.at, tap.heard[1]?.at);
  assert.deepEqual(tap.heard.map(({ stamp }) => stamp).slice(0, 4), [5, 7, 6, null]);
});

test("a stamp is read where the stack says: in a header, or nowhere", async () => {
  await using server = await startNatsServer({ config });
  await using inHeader = await openTap(server, { stamp: { header: "Stamp" } });
  await using without = await openTap(server, { stamp: null });
  const nats = await connectNats({ ...login(server), name: "test" });
  const stamped = headers();
  stamped.set("Stamp", "42");
  nats.publish("test", '{"seq":1}', { headers: stamped });
  nats.publish("test", '{"seq":2}');
  await nats.flush();
  await nats.close();
  for (const tap of [inHeader, without]) await tap.flush(1_000);
  assert.deepEqual(
    inHeader.heard.map(({ stamp }) => stamp),
    [42, null],
  );
  assert.deepEqual(
    without.heard.map(({ stamp }) => stamp),
    [null, null],
  );
  assert.equal(without.newest.size, 0);
});

test("a wait ends with the message that it waits for, or false at its bound", async () => {
  await using server = await startNatsServer({ config });
  await using tap = await openTap(server);
  const heard = (stamp: number) => () => (tap.newest.get("test")?.stamp ?? 0) >= stamp;
  const waiting = tap.until(heard(2), 5_000);
  await publish(server, "test", 1, 2);
  assert.equal(await waiting, true);
  assert.equal(await tap.until(heard(2), 0), true);
  const asked = performance.now();
  assert.equal(await tap.until(heard(3), 50), false);
  assert.ok(performance.now() - asked >= 45);
});

test("at a frozen server neither a flush nor an opening is waited for without end", async () => {
  await using server = await startNatsServer({ config });
  await using tap = await openTap(server);
  server.freeze();
  await assert.rejects(tap.flush(100), /^Error: no answer to a ping within 0\.1 s$/);
  await assert.rejects(openTap(server, { timeoutMs: 200 }));
  await server.kill();
});

test("a tap at a server that is gone hears nothing more, and a wait there still ends", async () => {
  await using server = await startNatsServer({ config });
  await using tap = await openTap(server);
  await publish(server, "test", 1);
  await tap.flush(1_000);
  await server.kill();
  assert.equal(await tap.until(() => tap.heard.length > 1, 100), false);
  await assert.rejects(tap.flush(200));
  assert.equal(tap.heard.length, 1);
});
