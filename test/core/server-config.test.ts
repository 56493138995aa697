// Base configs of upstreams and dummies: the text as it stands, and what holds for every stack.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { dummyConfig, loginVariables, upstreamConfig } from "../../infra/core/server-config.ts";
import type { Publisher, Topology, Upstream } from "../../infra/core/topology.ts";
import { topologies } from "../support/any-topology.ts";
import { testTopology } from "../support/topology.ts";

const topology = testTopology();
const [server0, publisher0] = [topology.upstreams[0] as Upstream, topology.publishers[0] as Publisher];

describe("the config of an upstream", () => {
  const text = upstreamConfig(topology, server0);

  it("starts with what it includes and where it listens", () => {
    const head = [
      "# Config of server0. Written by natsby: `pulumi up` puts an edit by hand back.",
      'include "keys.conf"',
      'include "lists.conf"',
      'include "pins.conf"',
      'server_name: "server0"',
      'listen: "127.0.0.1:4222"',
      'http: "127.0.0.1:4224"',
      "",
    ];
    assert.ok(text.startsWith(head.join("\n")), text);
  });

  it("links by mutual TLS alone, to the other upstreams, and lets in whose key the pins file names", () => {
    assert.equal(
      blockOf(text, "cluster"),
      [
        '  name: "natsby-test"',
        '  listen: "127.0.0.1:4223"',
        "  no_advertise: true",
        "  pool_size: 1",
        '  compression: "s2_fast"',
        "  routes: $natsby_mesh",
        ...tlsWith("$natsby_pins"),
      ].join("\n"),
    );
  });

  it("has users that may only listen, and one of the system account", () => {
    assert.equal(
      blockOf(text, "accounts"),
      [
        ...["  APP: {", "    users: ["],
        ...userLines("subscriber", ["publish: {", '  deny: ">"', "}"]),
        ...userLines("natsby-probe", ["publish: {", '  deny: ">"', "}"]),
        ...["    ]", "  }", "  SYS: {", "    users: ["],
        ...userLines("natsby"),
        ...["    ]", "  }"],
      ].join("\n"),
    );
  });

  it("keeps its log small", () => {
    const tail = 'system_account: "SYS"\nlog_file: "server.log"\nlogfile_size_limit: 4194304\nlogfile_max_num: 3\n';
    assert.ok(text.endsWith(tail), text);
  });
});

describe("the config of a dummy", () => {
  const text = dummyConfig(topology, publisher0.dummy, publisher0.name);

  it("includes its role file, and not the pins of an upstream", () => {
    assert.match(
      text,
      /^# Config of dummy-nats0\..*\ninclude "keys\.conf"\ninclude "lists\.conf"\ninclude "role\.conf"\n/,
    );
  });

  it("is shielded: nobody can dial it, and it trusts the upstreams alone", () => {
    assert.equal(
      blockOf(text, "cluster"),
      [
        '  name: "natsby-test"',
        '  listen: "127.0.0.1:-1"',
        '  advertise: "127.0.0.1:1"',
        "  no_advertise: true",
        "  pool_size: 1",
        '  compression: "s2_fast"',
        "  routes: $natsby_routes",
        ...tlsWith("$natsby_upstream_pins"),
      ].join("\n"),
    );
  });

  it("lets its publisher publish its subjects and hear nothing", () => {
    const permissions = ["publish: {", "  allow: $natsby_subjects", "}", "subscribe: {", '  deny: ">"', "}"];
    const users = userLines("publisher0", permissions).join("\n");
    assert.ok(text.includes(`    users: [\n${users}\n`), text);
  });
});

describe("for any stack", () => {
  it("the variables of a login are such as the config language can name, and each user's own", () => {
    fc.assert(
      fc.property(topologies, ({ publishers }) => {
        const names = ["natsby", "natsby-probe", "subscriber", ...publishers.map(({ name }) => name)];
        const slots = names.flatMap((name) => [loginVariables(name, "own"), loginVariables(name, "other")]);
        const variables = slots.flatMap(({ user, password }) => [user, password]);
        assert.equal(new Set(variables).size, names.length * 4);
        for (const variable of variables) assert.match(variable, /^\w+$/);
      }),
    );
  });

  const safe: readonly (readonly [what: string, holds: (text: string) => boolean])[] = [
    ["nobody gets in without a password", (text) => !/no_auth_user|allow_non_tls|insecure/.test(text)],
    [
      "every link is by verified certificates with pins",
      (text) => /verify: true\n.*\n? *pinned_certs: \$natsby_/s.test(text),
    ],
    ["no pool is mixed", (text) => text.match(/pool_size: .*/g)?.join() === "pool_size: 1"],
    ["gossip to clients is off", (text) => text.includes("no_advertise: true\n")],
    ["no password, key or pin stands in it", (text) => !/password: "|[0-9a-f]{64}|BEGIN/.test(text)],
    ["monitoring is on loopback", (text) => /^http: "127\.0\.0\.1:\d+"$/m.test(text)],
    ["every file is in the server's own folder", (text) => !/(include|_file:) "[^"]*\//.test(text)],
  ];
  for (const [what, holds] of safe) {
    it(what, () => fc.assert(fc.property(topologies, (any) => textsOf(any).every(holds))));
  }

  it("who is active, which epoch it is and who is fenced changes no config", () => {
    fc.assert(
      fc.property(topologies, fc.nat(), (any, epoch) => {
        const flipped = any.publishers.map(({ name }) => ({ ...any, activePublisher: name, epoch, fenced: [name] }));
        for (const other of flipped) assert.deepEqual(textsOf(other), textsOf(any));
      }),
    );
  });
});

/** The configs of all its servers. */
const textsOf = (any: Topology): readonly string[] => [
  ...any.upstreams.map((upstream) => upstreamConfig(any, upstream)),
  ...any.publishers.map(({ name, dummy }) => dummyConfig(any, dummy, name)),
];

/** What stands between the braces of a top-level block. */
function blockOf(text: string, key: string): string {
  return new RegExp(`^${key}: \\{\\n(.*?)\\n\\}$`, "ms").exec(text)?.[1] ?? `there is no ${key} in\n${text}`;
}

const tlsWith = (pins: string): readonly string[] => [
  "  tls: {",
  '    cert_file: "cert.pem"',
  '    key_file: "key.pem"',
  '    ca_file: "ca.pem"',
  "    verify: true",
  "    timeout: 5",
  `    pinned_certs: ${pins}`,
  "  }",
];

function userLines(name: string, permissions?: readonly string[]): readonly string[] {
  const allowed = permissions?.map((line) => `  ${line}`) ?? [];
  const lines = permissions === undefined ? [] : ["permissions: {", ...allowed, "}"];
  const label = name.replaceAll("-", "_");
  return ["natsby", "natsby_other"].flatMap((prefix) => {
    const user = [`user: $${prefix}_user_${label}`, `password: $${prefix}_password_${label}`, ...lines];
    return ["{", ...user.map((line) => `  ${line}`), "}"].map((line) => `      ${line}`);
  });
}
