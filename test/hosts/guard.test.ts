// Who may still write on a host: every case of an older, an equal and a newer run.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { UserError } from "../../infra/core/errors.ts";
import { checkClaim, checkWrite, newGuard, parseGuard } from "../../infra/hosts/guard.ts";
import type { Claim, Guard } from "../../infra/hosts/host.ts";

const of = (epoch: number, ticket: number, ...fenced: string[]): Guard => ({ epoch, ticket, fenced });

/** What a refusal says; "" where there is none. */
function refusal(check: typeof checkClaim, seen: Guard, claim: Claim): string {
  try {
    check(seen, claim, "h");
    return "";
  } catch (error) {
    assert.ok(error instanceof UserError);
    assert.deepEqual([error.exitCode, error.code], [7, "superseded"]);
    return error.message;
  }
}

const rows: readonly (readonly [what: string, seen: Guard, claim: Claim, claims: RegExp, writes: RegExp])[] = [
  ["the first ever", newGuard, of(0, 1), /^$/, /^$/],
  ["the first ever, in a stack that was restored at a later epoch", newGuard, of(3, 1, "a"), /^$/, /^$/],
  ["a newer ticket", of(0, 4), of(0, 5), /^$/, /^$/],
  ["the same ticket", of(0, 4), of(0, 4), /has seen ticket 4; this run has ticket 4/, /^$/],
  [
    "an older ticket",
    of(0, 4),
    of(0, 3),
    /seen ticket 4; this run has ticket 3/,
    /seen ticket 4; this run has ticket 3/,
  ],
  ["an older epoch", of(2, 4), of(1, 5), /seen epoch 2; this run has epoch 1/, /seen epoch 2; this run has epoch 1/],
  ["a newer epoch with another fenced list", of(1, 4, "a"), of(2, 5), /^$/, /^$/],
  ["a newer epoch with an older ticket", of(1, 4), of(2, 3), /seen ticket 4/, /seen ticket 4/],
  [
    "the same epoch with another fenced list",
    of(1, 4, "a"),
    of(1, 5, "b"),
    /epoch 1 with fenced \[a\]; this run has fenced \[b\]/,
    /fenced/,
  ],
  ["the same epoch with nobody fenced any more", of(1, 4, "a"), of(1, 5), /this run has fenced \[\]/, /fenced/],
  ["the same fenced list in another order", of(1, 4, "a", "b"), of(1, 5, "b", "a"), /^$/, /^$/],
];

describe("a claim, and a write, of", () => {
  for (const [what, seen, claim, claims, writes] of rows) {
    it(what, () => {
      assert.match(refusal(checkClaim, seen, claim), claims);
      assert.match(refusal(checkWrite, seen, claim), writes);
    });
  }
});

describe("of any two runs", () => {
  const fenced = fc.subarray(["a", "b"]);
  const claim = fc.record(
    { epoch: fc.nat(3), ticket: fc.integer({ min: 1, max: 4 }), fenced },
    { noNullPrototype: true },
  );

  it("at most one may write on: once the one has claimed, the other cannot claim back unless it is newer", () => {
    fc.assert(
      fc.property(claim, claim, (one, other) => {
        const mayClaim = refusal(checkClaim, one, other) === "";
        const mayClaimBack = refusal(checkClaim, other, one) === "";
        assert.ok(!(mayClaim && mayClaimBack));
        if (mayClaim) assert.notEqual(refusal(checkWrite, other, one), "", "the older one may still write");
      }),
    );
  });

  it("whoever has claimed may write", () => {
    fc.assert(fc.property(claim, (mine) => refusal(checkWrite, mine, mine) === ""));
  });
});

describe("the record", () => {
  it("is read back", () => {
    const guard = of(1, 2, "a");
    assert.deepEqual(parseGuard(JSON.stringify(guard), "/g"), guard);
  });

  const broken = [
    "",
    "{",
    "null",
    "5",
    "[]",
    "{}",
    '{"epoch":0}',
    '{"epoch":0,"ticket":"1","fenced":[]}',
    '{"epoch":0,"ticket":1,"fenced":"a"}',
    '{"epoch":0.5,"ticket":1,"fenced":[]}',
  ];
  for (const text of broken) {
    it(`that is ${text || "empty"} is broken: nobody may write blindly, and what to do is said`, () => {
      assert.throws(() => parseGuard(text, "/srv/guard.json"), {
        name: "UserError",
        exitCode: 3,
        code: "guard-broken",
        message: /^\/srv\/guard\.json is broken/,
        hint: /put \{"epoch":0,"ticket":0,"fenced":\[\]\} there/,
      });
    });
  }
});
