// Versions as tools print them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isAtLeast, seriesOf, versionIn } from "../../scripts/toolchain/version.ts";

test("a version is read out of what a tool prints", () => {
  const printed: readonly (readonly [string, string | undefined])[] = [
    ["v3.274.1\n", "3.274.1"],
    ["nats-server: v2.15.2\n", "2.15.2"],
    ["go version go1.26.8 linux/amd64", "1.26.8"],
    ["go version go1.26 linux/amd64", "1.26"],
    ["v3.275.0-alpha.1+abc", "3.275.0-alpha.1"],
    ["no number", undefined],
  ];
  for (const [text, version] of printed) assert.equal(versionIn(text), version, text);
});

test("numbers are compared as numbers, and a pre-release comes before its release", () => {
  const rows: readonly (readonly [string, string, boolean])[] = [
    ["3.274.1", "3.274.1", true],
    ["3.275.0", "3.274.1", true],
    ["4.0.0", "3.274.1", true],
    ["3.274.0", "3.274.1", false],
    ["3.99.0", "3.274.1", false],
    ["22.9.0", "22.18.0", false],
    ["1.26", "1.26.0", true],
    ["3.274.1-alpha.1", "3.274.1", false],
  ];
  for (const [version, oldest, expected] of rows)
    assert.equal(isAtLeast(version, oldest), expected, `${version} ${oldest}`);
});

test("the series of a version is its first two numbers", () => assert.equal(seriesOf("2.15.2"), "2.15"));
