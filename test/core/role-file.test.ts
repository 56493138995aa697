// The role file: what is written is read back, and what was cut short or edited is never taken for a role.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseRoleFile, renderRoleFile, routesOf, withoutTicket } from "../../infra/core/role-file.ts";
import { testTopology } from "../support/topology.ts";

const routes = ["nats-route://127.0.0.1:4223", "nats-route://127.0.0.1:4227"];
const attached = renderRoleFile({ dummy: "dummy-nats0", routes, epoch: 3, ticket: 7 });
const detached = renderRoleFile({ dummy: "dummy-nats0", routes: [], epoch: 3, ticket: 7 });

test("the text, to the byte", () => {
  assert.equal(
    attached,
    `# Role of dummy-nats0. Written by natsby's cutover alone: an edit by hand is drift.
server_metadata: {
  natsby_role: "active"
  natsby_epoch: "3"
  natsby_ticket: "7"
}
natsby_routes: [
  "nats-route://127.0.0.1:4223"
  "nats-route://127.0.0.1:4227"
]
`,
  );
  assert.match(detached, /natsby_role: "standby"[\s\S]*\nnatsby_routes: \[\]\n$/);
});

test("what is written is read back", () => {
  const hosts = fc.oneof(fc.ipV4(), fc.domain());
  const urls = fc.array(
    fc.tuple(hosts, fc.integer({ min: 1, max: 65_535 })).map(([host, port]) => `nats-route://${host}:${port}`),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(urls, fc.nat(), fc.option(fc.nat(), { nil: undefined }), (list, epoch, ticket) => {
      const file = { dummy: "dummy-nats0", routes: list, epoch, ...(ticket === undefined ? {} : { ticket }) };
      assert.deepEqual(parseRoleFile(renderRoleFile(file)), {
        state: list.length > 0 ? "attached" : "detached",
        routes: list,
      });
    }),
  );
});

test("cut short at any byte it is broken: never attached to fewer, never detached", () => {
  for (const text of [attached, detached]) {
    for (let length = 0; length < text.length; length++) {
      assert.equal(parseRoleFile(text.slice(0, length)).state, "broken", JSON.stringify(text.slice(0, length)));
    }
  }
});

test("edited by hand it is broken, or says the routes that it has", () => {
  const edits: readonly (readonly [string, string])[] = [
    ["a second list", `${detached}natsby_routes: ["nats-route://127.0.0.1:4223"]\n`],
    ["a setting of its own", `${detached}max_payload: 1\n`],
    ["a comment at the end", `${attached}# mine`],
    ["one line", 'server_metadata: {}\nnatsby_routes: ["nats-route://127.0.0.1:4223"]\n'],
    ["no metadata", "natsby_routes: []\n"],
    ["no list", detached.replace("natsby_routes: []\n", "")],
    ["an include", `include "other.conf"\n${detached}`],
    ["other spaces", attached.replaceAll("  ", "\t")],
    ["carriage returns", attached.replaceAll("\n", "\r\n")],
    ["nothing", ""],
    ["zero bytes", "\0".repeat(40)],
  ];
  for (const [what, text] of edits) assert.equal(parseRoleFile(text).state, "broken", what);
  const fewer = attached.replace('  "nats-route://127.0.0.1:4227"\n', "");
  assert.deepEqual(parseRoleFile(fewer), { state: "attached", routes: routes.slice(0, 1) });
});

test("the active dummy dials every upstream, any other none", () => {
  const topology = testTopology();
  assert.deepEqual(routesOf(topology, "publisher0"), ["nats-route://127.0.0.1:4223", "nats-route://127.0.0.1:4227"]);
  assert.deepEqual(routesOf(topology, "publisher1"), []);
});

test("two cutovers with one wish differ in the ticket line alone", () => {
  const later = renderRoleFile({ dummy: "dummy-nats0", routes, epoch: 3, ticket: 8 });
  assert.notEqual(attached, later);
  assert.equal(withoutTicket(attached), withoutTicket(later));
});
