// The keys file: who is let in, by one secret and, while it is rotated, by two; what is there stays until the cutover is over.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { pinOf } from "../../infra/core/certificates.ts";
import { loginOf, renderKeysFile } from "../../infra/core/keys-file.ts";
import { dummyPlan, upstreamPlan } from "../../infra/core/plan.ts";
import { passwordOf, subscriberPassword, userOf } from "../../infra/core/secrets.ts";
import type { Publisher, Upstream } from "../../infra/core/topology.ts";
import { testTopology } from "../support/topology.ts";

const topology = testTopology();
const upstream = upstreamPlan(topology, topology.upstreams[0] as Upstream);
const dummy = dummyPlan(topology, topology.publishers[0] as Publisher);
const old = "a secret of tests, long enough to be one";
const next = "another secret of tests, as long as that";
const rotating = { current: next, previous: old };

describe("with one secret", () => {
  const text = renderKeysFile(upstream, old);

  it("a server has passwords of its own, and the one that subscribers use everywhere", () => {
    assert.deepEqual(ownLogins(text), {
      [userOf(old, "subscriber")]: subscriberPassword(old),
      [userOf(old, "natsby-probe")]: passwordOf(old, "server0", "natsby-probe"),
      [userOf(old, "natsby")]: passwordOf(old, "server0", "natsby"),
    });
  });

  it("nobody knows the password of the other user of each pair, and no two are the same", () => {
    const values = [...text.matchAll(/"([^"]+)"$/gm)].map(([, value]) => value);
    assert.equal(values.length, 12);
    assert.equal(new Set(values).size, 12);
    assert.equal([...text.matchAll(/^natsby_other_user_\w+: "\S+\.spare"$/gm)].length, 3);
  });

  it("a dummy trusts the upstreams, never another dummy and never nobody", () => {
    const keys = renderKeysFile(dummy, old);
    const pins = ["server0", "server1"].map((name) => `  "${pinOf(old, name)}"\n`);
    assert.ok(keys.endsWith(`natsby_upstream_pins: [\n${pins.join("")}]\n`), keys);
  });
});

describe("a rotation", () => {
  const first = renderKeysFile(dummy, old);
  const both = renderKeysFile(dummy, rotating, first);

  it("lets in the users of both secrets, and trusts the upstreams by the keys of both", () => {
    for (const secret of [old, next]) assertLetIn(both, secret);
  });

  it("is the same text whatever lay there before", () => {
    assert.equal(renderKeysFile(dummy, rotating), both);
    assert.equal(renderKeysFile(dummy, rotating, both), both);
  });

  it("keeps the old secret's users until the cutover is over, and not longer", () => {
    const growing = renderKeysFile(dummy, next, both);
    for (const secret of [old, next]) assertLetIn(growing, secret);
    assert.equal(renderKeysFile(dummy, next, growing), growing);
    assert.equal(renderKeysFile(dummy, next), renderKeysFile(dummy, next, null));
    assert.ok(!renderKeysFile(dummy, next).includes(userOf(old, "publisher0")));
    assert.ok(!renderKeysFile(dummy, next).includes(pinOf(old, "server0")));
  });

  it("that is called off keeps the new secret's users as long", () => {
    const back = renderKeysFile(dummy, old, both);
    for (const secret of [old, next]) assertLetIn(back, secret);
    assert.equal(renderKeysFile(dummy, old), first);
  });

  it("passes over a keys file that is broken", () => {
    for (const broken of ["", "\0\0", both.slice(0, 40)]) assertLetIn(renderKeysFile(dummy, old, broken), old);
  });
});

function assertLetIn(text: string, secret: string): void {
  for (const name of ["publisher0", "natsby-probe", "natsby"]) {
    const { user, password } = loginOf(dummy, secret, name);
    const label = name.replaceAll("-", "_");
    const pair = new RegExp(
      `_user_${label}: "${user.replaceAll(".", "[.]")}"\\nnatsby(_other)?_password_${label}: "${password}"\\n`,
    );
    assert.match(text, pair);
  }
  for (const name of ["server0", "server1"]) assert.ok(text.includes(`  "${pinOf(secret, name)}"\n`), name);
}

function ownLogins(text: string): Record<string, string> {
  const pairs = text.matchAll(/^natsby_user_(\w+): "(.*)"\nnatsby_password_\1: "(.*)"$/gm);
  return Object.fromEntries([...pairs].map(([, , user, password]) => [user, password]));
}
