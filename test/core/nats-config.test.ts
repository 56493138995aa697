// The config language: what is written is what a real nats-server reads, whatever stands in a string.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { quote, renderConfig, renderIncludes, type Value, variable } from "../../infra/core/nats-config.ts";
import { startNatsServer } from "../support/nats-server.ts";

describe("a config", () => {
  const rows: readonly (readonly [what: string, value: Value | undefined, text: string])[] = [
    ["a string", "a", 'key: "a"\n'],
    ["a string that looks like a number", "10k", 'key: "10k"\n'],
    ["a string that looks like a variable", "$a", 'key: "$a"\n'],
    ["a number", 1.5, "key: 1.5\n"],
    ["a negative number", -1, "key: -1\n"],
    ["a boolean", false, "key: false\n"],
    ["a variable", variable("a_b"), "key: $a_b\n"],
    ["an empty list", [], "key: []\n"],
    ["an empty block", {}, "key: {\n}\n"],
    ["a list", ["a", 1], 'key: [\n  "a"\n  1\n]\n'],
    ["a block in a list in a block", { a: [{ b: true }] }, "key: {\n  a: [\n    {\n      b: true\n    }\n  ]\n}\n"],
    ["a key without a value is left out", undefined, ""],
    ["a key without a value in a block is left out", { a: undefined, b: 1 }, "key: {\n  b: 1\n}\n"],
  ];
  for (const [what, value, text] of rows) it(`holds ${what}`, () => assert.equal(renderConfig({ key: value }), text));

  it("names its includes first, quoted", () => {
    assert.equal(renderIncludes(["a.conf", 'b "c".conf']), 'include "a.conf"\ninclude "b \\"c\\".conf"\n');
  });

  it("escapes what would end a string or a line", () => {
    assert.equal(quote('"\\\n\r\t\0\x1b\x7f'), '"\\"\\\\\\n\\r\\t\\x00\\x1b\\x7f"');
  });
});

describe("a real nats-server", () => {
  /** What a reader of configs could take for something else than text. */
  const tricky = [
    "$a",
    "$",
    "{a}",
    "#",
    "//",
    "true",
    "10k",
    "1h",
    "\\x41",
    "\\",
    '"',
    "'",
    "}",
    "]",
    ",",
    "=",
    ": ",
    "(",
    "%",
    "",
  ];
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 30 }),
    fc
      .array(fc.constantFrom(...tricky, "\0", "\n", "\r", "\t", "\x7f", "é", "\u{1f980}", "\ufeff", "\u2028"), {
        maxLength: 6,
      })
      .map((parts) => parts.join("")),
  );

  it("reads back any string exactly", async () => {
    const values = fc.array(text, { minLength: 150, maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(values, async (strings) => {
        const metadata = Object.fromEntries(strings.map((value, index) => [`v${index}`, value]));
        await using server = await startNatsServer({ config: () => renderConfig({ server_metadata: metadata }) });
        assert.deepEqual((await server.ask("/varz")).metadata, metadata);
      }),
      { numRuns: 6, endOnFailure: true },
    );
  });

  it("reads numbers, booleans, lists and variables as what they are", async () => {
    const files = { "more.conf": renderConfig({ tags: ["one", "two"], limit: 2_048 }) };
    const config = () =>
      renderIncludes(["more.conf"]) +
      renderConfig({
        server_tags: variable("tags"),
        max_payload: variable("limit"),
        max_connections: 7,
        disable_sublist_cache: true,
      });
    await using server = await startNatsServer({ config, files });
    const { tags, max_payload, max_connections } = await server.ask("/varz");
    assert.deepEqual(
      { tags, max_payload, max_connections },
      { tags: ["one", "two"], max_payload: 2_048, max_connections: 7 },
    );
  });
});
