// Finding the stamp of a message, and what is no stamp.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { readStamp } from "../../infra/core/stamp.ts";
import type { Stamp } from "../../infra/core/topology.ts";

const message = (payload: string, headers: Readonly<Record<string, string>> = {}) => ({
  header: (name: string) => headers[name],
  payload: () => payload,
});

describe("a stamp in the payload", () => {
  const rows: readonly (readonly [pointer: string, payload: string, stamp: number | null])[] = [
    ["/seq", '{"seq":17}', 17],
    ["/seq", '{"seq":"17"}', 17],
    ["/seq", '{"seq":-1.5}', -1.5],
    ["/seq", '{"seq":0}', 0],
    ["/a/b", '{"a":{"b":3}}', 3],
    ["/a/1", '{"a":[1,2]}', 2],
    ["/a~1b", '{"a/b":4}', 4],
    ["/a~0b", '{"a~b":5}', 5],
    ["/a~01b", '{"a~1b":6}', 6],
    ["/", '{"":7}', 7],
    ["", "8", 8],
    ["/seq", "{}", null],
    ["/a/b", '{"a":null}', null],
    ["/a/b", '{"a":5}', null],
    ["/seq", '{"seq":null}', null],
    ["/seq", '{"seq":true}', null],
    ["/seq", '{"seq":[1]}', null],
    ["/seq", '{"seq":""}', null],
    ["/seq", '{"seq":"17a"}', null],
    ["/seq", '{"seq":"0x11"}', null],
    ["/seq", '{"seq":" 17"}', null],
    ["/seq", '{"seq":"1e3"}', null],
    ["/seq", '{"seq":9007199254740991}', 9_007_199_254_740_991],
    ["/seq", '{"seq":9007199254740993}', null],
    ["/seq", '{"seq":"9007199254740993"}', null],
    ["/seq", '{"seq":1e999}', null],
    ["/seq", "no json", null],
    ["/seq", "", null],
  ];
  for (const [pointer, payload, expected] of rows) {
    it(`at "${pointer}" of ${payload || "nothing"} is ${expected}`, () =>
      assert.equal(readStamp({ json: pointer }, message(payload)), expected));
  }

  it("is found at any key, whatever stands in it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.maxSafeInteger(), (key, stamp) => {
        fc.pre(key !== "__proto__");
        const pointer = `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
        assert.equal(readStamp({ json: pointer }, message(JSON.stringify({ [key]: stamp }))), stamp);
      }),
    );
  });

  it("never throws, whatever comes", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), fc.string(), (payload, pointer) => {
        const stamp = readStamp({ json: pointer }, message(payload));
        assert.ok(stamp === null || Number.isFinite(stamp));
      }),
    );
  });
});

describe("a stamp in a header", () => {
  const rows: readonly (readonly [value: string | undefined, stamp: number | null])[] = [
    ["17", 17],
    ["17.25", 17.25],
    ["", null],
    [undefined, null],
    ["test:17", null],
  ];
  for (const [value, expected] of rows) {
    it(`that is ${JSON.stringify(value)} is ${expected}`, () => {
      const headers = value === undefined ? {} : { Stamp: value };
      assert.equal(readStamp({ header: "Stamp" }, message('{"seq":1}', headers)), expected);
    });
  }
});

it("there is none where the stack names none", () => {
  const none: Stamp | null = null;
  assert.equal(readStamp(none, message('{"seq":1}', { Stamp: "1" })), null);
});
