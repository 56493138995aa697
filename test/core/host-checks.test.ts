// Whether a host has what a stack needs, by what it says of itself.

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkHost, type HostFacts, type WantedPort } from "../../infra/core/host-checks.ts";

const good: HostFacts = {
  ...{ system: "Linux", architecture: "x86_64", isRoot: true, systemd: 252, freeKilobytes: 20 * 1024 ** 2 },
  ...{ clockAheadMs: 3, clockMarginMs: 2, roundTripMs: 1, natsServer: null },
};
const free: WantedPort = { server: "server0", port: 4222, takenBy: null };

const rows: readonly (readonly [
  what: string,
  facts: Partial<HostFacts>,
  port: WantedPort,
  missing: readonly string[],
])[] = [
  ["a good one", {}, free, []],
  ["one on arm64", { architecture: "aarch64" }, free, ["system"]],
  ["one that there is no nats-server for", { architecture: "riscv64" }, free, ["system!"]],
  ["one without root's rights", { isRoot: false }, free, ["rights"]],
  ["one without systemd", { systemd: null }, free, ["systemd"]],
  ["one whose systemd is old", { systemd: 239 }, free, ["systemd!"]],
  ["one whose clock is behind", { clockAheadMs: -900 }, free, ["clock"]],
  ["one whose clock may only seem so", { clockAheadMs: -900, clockMarginMs: 500 }, free, []],
  ["one whose disk is full", { freeKilobytes: 500 }, free, ["free disk"]],
  ["one whose disk cannot be told", { freeKilobytes: null }, free, ["free disk"]],
  ["one whose port is taken", {}, { ...free, takenBy: "redis (pid 7)" }, ["ports!"]],
];

for (const [what, facts, port, missing] of rows) {
  test(`${what}: ${missing.join(", ") || "nothing is missing"}`, () => {
    const checks = checkHost({ ...good, ...facts }, [port], "x64");
    const bad = checks.filter(({ ok }) => !ok);
    assert.deepEqual(
      bad.map(({ name, needed }) => `${name}${needed ? "!" : ""}`),
      missing,
    );
    for (const { mend } of bad) assert.ok(mend !== undefined && mend !== "");
    for (const { ok, mend } of checks) assert.ok(!ok || mend === undefined);
  });
}

test("a clock's difference and a taken port are told in words", () => {
  const texts = checkHost({ ...good, clockAheadMs: -900 }, [{ ...free, takenBy: "redis (pid 7)" }], "x64").map(
    ({ text }) => text,
  );
  assert.ok(texts.includes("900 ms behind this machine's, ± 2 ms"), texts.join("\n"));
  assert.ok(texts.includes("4222 of server0 is taken by redis (pid 7)"), texts.join("\n"));
});
