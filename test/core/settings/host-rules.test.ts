// Stacks on hosts of their own: who is where, how a host is reached, and whose keys there are.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parseSettings } from "../../../infra/core/settings.ts";
import { configFromFile } from "../../../infra/core/stack-config.ts";
import { topologyOf } from "../../../infra/core/topology-of.ts";
import { assertRefused, host, least, onHosts, parse, type Refusals, secure } from "../../support/config.ts";

const { hosts, publishers, upstreams } = onHosts;
const hub = (over: object) => ({ ...onHosts, hosts: { ...hosts, hub: { ...hosts.hub, ...over } } });
const first = (over: object) => ({ ...onHosts, publishers: [{ ...publishers[0], ...over }, publishers[1]] });

const refused: Refusals = {
  "no hosts": [{ ...onHosts, hosts: undefined }, /^hosts: is missing: .*natsby hosts scan/],
  "a host without a key": [hub({ hostKey: undefined }), /^hosts\.hub\.hostKey: is missing/],
  "a host's key that is a fingerprint": [hub({ hostKey: "SHA256:abc" }), /^hosts\.hub\.hostKey: .*natsby hosts scan/],
  "a host without an address": [hub({ address: undefined }), /^hosts\.hub\.address: is missing/],
  "an address with a scheme": [hub({ address: "ssh://a" }), /^hosts\.hub\.address: "ssh:\/\/a" is not an IPv4 address/],
  "a misspelt key of a host": [hub({ usr: "a" }), /^hosts\.hub\.usr: .*did you mean user\?/],
  "an odd user": [hub({ user: "-oProxyCommand=x" }), /^hosts\.hub\.user: .*is not the name of a user/],
  "a host with an odd name": [{ ...onHosts, hosts: { ...hosts, "a b": host } }, /^hosts\["a b"\]: "a b" is not a name/],
  "an upstream that is nowhere": [
    { ...onHosts, upstreams: [{ name: "server0" }] },
    /^upstreams\[0\]\.host: is missing: .*hub, web1/,
  ],
  "a publisher that is nowhere": [first({ host: undefined }), /^publishers\[0\]\.host: is missing/],
  "an upstream on a misspelt host": [
    { ...onHosts, upstreams: [{ ...upstreams[0], host: "hob" }] },
    /^upstreams\[0\]\.host: "hob" is none of hosts; did you mean hub\?/,
  ],
  "a jump over nobody": [hub({ jump: "web2" }), /^hosts\.hub\.jump: "web2" is none of hosts; did you mean web1\?/],
  "a jump in a circle": [hub({ jump: "hub" }), /^hosts\.hub\.jump: leads back to itself/],
  "a publisher without a program": [
    first({ command: undefined }),
    /^publishers\[0\]\.command: is missing: .*a program of its host.*examples\/perl\/publisher\.pl.*pulumi config set --path 'publishers\[0\]\.command\[0\]'/,
  ],
  "an odd user of a publisher": [first({ user: "a b" }), /^publishers\[0\]\.user: "a b" is not the name of a user/],
  "a mirror that is no address": [
    { ...onHosts, natsServer: { downloadUrl: "mirror" } },
    /^natsServer\.downloadUrl: "mirror" is not the address of a folder on the web/,
  ],
  "a mirror whose address is a command": [
    { ...onHosts, natsServer: { downloadUrl: "https://a/$(x)" } },
    /^natsServer\.downloadUrl: /,
  ],
  "a checksum of no machine": [
    { ...onHosts, natsServer: { sha256: { x64: "0".repeat(64) } } },
    /^natsServer\.sha256.*"x64" is none of amd64, arm64/,
  ],
  "a short checksum": [
    { ...onHosts, natsServer: { sha256: { amd64: "abc" } } },
    /^natsServer\.sha256\.amd64: "abc" is not a SHA-256/,
  ],
  "an image": [first({ image: "x" }), /^publishers\[0\]\.image: belongs to docker, and this stack's platform is ssh/],
  "keys that are not encrypted": [
    { ...onHosts, sshPrivateKeys: { default: "hush" } },
    /^sshPrivateKeys: is not encrypted: .*--secret --path sshPrivateKeys\.default < key$/,
  ],
  "a key of no host": [
    { ...onHosts, sshPrivateKeys: { hob: secure } },
    /^sshPrivateKeys\.hob: names no host; did you mean hub\?/,
  ],
  "two servers with one port on one host": [
    {
      ...onHosts,
      upstreams: [
        { name: "server0", host: "hub", clientPort: 4222 },
        { name: "server1", host: "hub", clientPort: 4222 },
      ],
    },
    /^upstreams\[1\]\.clientPort: 4222 is also the client port of server0/,
  ],
};

describe("a config of a stack on hosts of its own", () => {
  for (const [what, row] of Object.entries(refused)) it(`is refused: ${what}`, () => assertRefused(row));

  it("needs no folder and no ports: they are the same everywhere", () => {
    const { basePort: _, dataDir: __, ...rest } = least;
    const settings = parse({ ...rest, ...onHosts }, "prod");
    assert.deepEqual([settings.dataDir, settings.basePort], ["/etc/nats-server/natsby-prod", 4222]);
    assert.deepEqual(settings.hosts, [
      { name: "hub", ...host, user: "ops", port: 2222 },
      { name: "web1", ...host, address: "web1.example.com", user: "root", port: 22, jump: "hub" },
    ]);
  });

  it("may give one port on two hosts, and keys in an agent", () => {
    const { sshPrivateKeys: _, ...rest } = onHosts;
    const both = [
      { name: "server0", host: "hub", clientPort: 4222 },
      { name: "server1", host: "web1", clientPort: 4222 },
    ];
    assert.equal(parse({ ...least, ...rest, upstreams: both }).upstreams.length, 2);
  });

  it("puts upstreams on their hosts' addresses, and dummies on loopback beside their publishers", () => {
    const topology = topologyOf(parse({ ...least, ...onHosts }), { project: "natsby", stack: "prod" });
    assert.deepEqual(
      topology.upstreams.map(({ address, host }) => [address, host]),
      [["192.0.2.1", "hub"]],
    );
    assert.deepEqual(
      topology.publishers.map(({ host, dummy }) => [host, dummy.host, dummy.address]),
      [
        ["hub", "hub", "127.0.0.1"],
        ["web1", "web1", "127.0.0.1"],
      ],
    );
  });

  it("is as the commented example shows it", () => {
    const text = readFileSync(join(import.meta.dirname, "../../../stacks/Pulumi.ssh.yaml"), "utf8");
    const settings = parseSettings(configFromFile({ project: "natsby", stack: "ssh" }, text));
    assert.deepEqual(
      settings.hosts?.map(({ name }) => name),
      ["east", "north", "south", "west"],
    );
    assert.equal(settings.platform, "ssh");
  });
});
