// The pins file: never empty, read back as written, and broken wherever a pin could be misread.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Pin, parsePinsFile, renderPinsFile } from "../../infra/core/pins-file.ts";

const pins: readonly Pin[] = [
  { server: "server0", fingerprint: "a".repeat(64) },
  { server: "dummy-nats0", fingerprint: "0123456789abcdef".repeat(4) },
];
const text = renderPinsFile({ upstream: "server0", pins, epoch: 3, ticket: 7 });

test("the text, to the byte", () => {
  assert.equal(
    text,
    `# Who may link to server0. Written by natsby's cutover alone: an edit by hand is drift.
server_metadata: {
  natsby_epoch: "3"
  natsby_ticket: "7"
}
natsby_pins: [
  "${"a".repeat(64)}" # server0
  "${"0123456789abcdef".repeat(4)}" # dummy-nats0
]
`,
  );
});

test("an empty list is never written: it would let anybody in", () => {
  assert.throws(
    () => renderPinsFile({ upstream: "server0", pins: [], epoch: 0 }),
    /pins of server0 must never be empty/,
  );
});

test("what is written is read back", () => {
  const fingerprint = fc.stringMatching(/^[0-9a-f]{64}$/);
  const pin = fc.record(
    { server: fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/), fingerprint },
    { noNullPrototype: true },
  );
  const ticket = fc.option(fc.nat(), { nil: undefined });
  fc.assert(
    fc.property(fc.array(pin, { minLength: 1, maxLength: 8 }), fc.nat(), ticket, (list, epoch, number) => {
      const file = { upstream: "server0", pins: list, epoch, ...(number === undefined ? {} : { ticket: number }) };
      assert.deepEqual(parsePinsFile(renderPinsFile(file)), list);
    }),
  );
});

test("cut short at any byte it is broken: never read as fewer pins", () => {
  for (let length = 0; length < text.length; length++) {
    assert.equal(parsePinsFile(text.slice(0, length)), null, JSON.stringify(text.slice(0, length)));
  }
});

test("edited by hand it is broken, or says the pins that it has", () => {
  const edits: readonly (readonly [string, string])[] = [
    ["no pins", text.replace(/\[\n.*\n.*\n\]/, "[]")],
    ["a pin in upper case", text.replace("a".repeat(64), "A".repeat(64))],
    ["a pin too short", text.replace("a".repeat(64), "a".repeat(63))],
    ["a pin without a name", text.replace(" # server0", "")],
    ["a second list", `${text}natsby_pins: []\n`],
    ["a setting of its own", `${text}max_payload: 1\n`],
    ["a setting before the list", text.replace("natsby_pins", "max_payload: 1\nnatsby_pins")],
    ["a setting before all", `max_payload: 1\n${text}`],
    ["an include", `include "other.conf"\n${text}`],
    ["no metadata", text.replace(/server_metadata: \{\n(.*\n)*?\}\n/, "")],
    ["carriage returns", text.replaceAll("\n", "\r\n")],
    ["zero bytes", "\0".repeat(40)],
  ];
  for (const [what, edited] of edits) assert.equal(parsePinsFile(edited), null, what);
  assert.deepEqual(parsePinsFile(text.replace(/ {2}"a.*\n/, "")), pins.slice(1));
});
