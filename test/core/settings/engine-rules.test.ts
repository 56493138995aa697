// Stacks of containers: on which engine, and from which images.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { upstreamConfig } from "../../../infra/core/server-config.ts";
import { parseSettings } from "../../../infra/core/settings.ts";
import { configFromFile } from "../../../infra/core/stack-config.ts";
import { topologyOf } from "../../../infra/core/topology-of.ts";
import { assertRefused, host, least, parse, type Refusals, secure } from "../../support/config.ts";

const here = { engine: "unix:///var/run/docker.sock" };
const there = { engine: "ssh://root@192.0.2.1:2222" };
const onThere = (...names: readonly string[]) => names.map((name) => ({ name, host: "there" }));
const onEngine = { platform: "docker", hosts: { here }, dataDir: undefined, basePort: undefined };
const name = { project: "natsby", stack: "docker" };

const refused: Refusals = {
  "no engine": [
    { ...onEngine, hosts: undefined },
    /^hosts: is missing: pulumi config set --path hosts\.here\.engine unix:/,
  ],
  "two engines, and servers that name none": [
    {
      ...onEngine,
      hosts: { here, there },
      publishers: onThere("publisher0", "publisher1"),
      upstreams: [{ name: "server0" }],
    },
    /^upstreams\[0\]\.host: is missing: name one of hosts: here, there$/,
  ],
  "two engines, and an upstream that the other one cannot reach": [
    {
      ...{ ...onEngine, hosts: { here, there }, publishers: onThere("publisher0", "publisher1") },
      upstreams: [{ name: "server0", host: "here" }],
    },
    /^hosts\.here\.address: is missing: where the other engines reach what this one publishes/,
  ],
  "a host key of an engine without SSH": [
    { ...onEngine, hosts: { here: { ...here, hostKey: host.hostKey } } },
    /^hosts\.here\.hostKey: is of no use: unix:.* is not reached by SSH$/,
  ],
  "a host key that is none": [
    { ...onEngine, hosts: { there: { ...there, hostKey: "ssh-ed25519" } } },
    /^hosts\.there\.hostKey: .*is not a host's public key/,
  ],
  "an engine by TCP": [
    { ...onEngine, hosts: { here: { engine: "tcp://a:2375" } } },
    /^hosts\.here\.engine: "tcp:\/\/a:2375" is not a Docker engine, as in unix:/,
  ],
  "a misspelt key of an engine": [{ ...onEngine, hosts: { here: { ...here, port: 22 } } }, /^hosts\.here\.port: /],
  "a host over SSH": [{ ...onEngine, hosts: { web1: host } }, /^hosts\.web1: names no engine, .*"engine"/],
  "a server somewhere else": [
    { ...onEngine, upstreams: [{ name: "server0", host: "there" }] },
    /^upstreams\[0\]\.host: "there" is none of hosts; there is here$/,
  ],
  "a command without an image": [
    { ...onEngine, publishers: [{ name: "publisher0", command: ["/a"] }, { name: "publisher1" }] },
    /^publishers\[0\]\.image: is missing: the image that has the program/,
  ],
  "an image that is a path": [
    { ...onEngine, publishers: [{ name: "publisher0", image: "../a b" }, { name: "publisher1" }] },
    /^publishers\[0\]\.image: .*is not the name of an image/,
  ],
  "a nats-server's image by its tag": [
    { ...onEngine, natsServer: { image: "nats:2.15.2" } },
    /^natsServer\.image: "nats:2\.15\.2" is not an image by its digest, .* as in nats@sha256:/,
  ],
  "an image of nats-server on another platform": [
    { natsServer: { image: `nats@sha256:${"a".repeat(64)}` } },
    /^natsServer\.image: belongs to docker, /,
  ],
  "another folder": [{ ...onEngine, dataDir: "/srv/natsby" }, /^dataDir: is \/natsby on the platform docker/],
  "keys for SSH": [{ ...onEngine, sshPrivateKeys: { default: secure } }, /^sshPrivateKeys: belongs to ssh/],
  "an engine on the platform ssh": [
    {
      platform: "ssh",
      hosts: { here },
      upstreams: [{ name: "server0", host: "here" }],
      publishers: [
        { name: "publisher0", host: "here", command: ["/a"] },
        { name: "publisher1", host: "here", command: ["/a"] },
      ],
    },
    /^hosts\.here\.engine: belongs to docker/,
  ],
};

describe("refused", () => {
  for (const [what, row] of Object.entries(refused)) it(what, () => assertRefused(row));
});

describe("a stack of containers", () => {
  const settings = () => parse({ ...least, ...onEngine }, "docker");

  it("needs no folder and no ports of its own", () => {
    const { dataDir, basePort, engines, hosts } = settings();
    assert.deepEqual([dataDir, basePort, hosts], ["/natsby", 4222, null]);
    assert.deepEqual(engines, [{ name: "here", url: here.engine }]);
  });

  it("has its servers reached by their names, their monitoring in one network alone, and everything on the one engine", () => {
    const { upstreams, publishers, engines, hosts } = topologyOf(settings(), name);
    assert.deepEqual([engines?.length, hosts], [1, undefined]);
    const servers = [...upstreams, ...publishers.map(({ dummy }) => dummy)];
    assert.deepEqual(
      servers.map((server) => [server.address, server.listen, server.monitorAddress, server.published, server.host]),
      ["server0", "server1", "dummy-nats0", "dummy-nats1"].map((own) => [
        ...[own, "0.0.0.0", `${own}.natsby-docker`, "127.0.0.1", "here"],
      ]),
    );
    assert.deepEqual(
      publishers.map(({ host }) => host),
      ["here", "here"],
    );
  });

  it("has upstreams reached at the addresses of their engines' hosts, where there are several", () => {
    const hosts = { here: { ...here, address: "192.0.2.7" }, there: { ...there, hostKey: host.hostKey } };
    const upstreams = [{ name: "server0", host: "here" }, ...onThere("server1")];
    const publishers = [{ name: "publisher0", host: "here" }, ...onThere("publisher1")];
    const stack = topologyOf(parse({ ...least, ...onEngine, hosts, upstreams, publishers }, "docker"), name);
    assert.deepEqual(stack.engines, [
      { name: "here", url: here.engine, address: "192.0.2.7" },
      { name: "there", url: there.engine, address: "192.0.2.1", hostKey: host.hostKey },
    ]);
    assert.deepEqual(
      [...stack.upstreams, ...stack.publishers.map(({ dummy }) => dummy)].map((one) => [
        one.host,
        one.address,
        one.published,
      ]),
      [
        ["here", "192.0.2.7", "192.0.2.7"],
        ["there", "192.0.2.1", "192.0.2.1"],
        ["here", "dummy-nats0", "127.0.0.1"],
        ["there", "dummy-nats1", "127.0.0.1"],
      ],
    );
    assert.match(upstreamConfig(stack, stack.upstreams[1] as never), /advertise: "192\.0\.2\.1:4227"/);
  });

  it("takes a user's images, with or without a command", () => {
    const text = readFileSync(join(import.meta.dirname, "../../../stacks/Pulumi.docker.yaml"), "utf8");
    const withSecret = `${text}  natsby:clusterSecret:\n    secure: ${secure.secure}\n`;
    const { publishers } = parseSettings(configFromFile(name, withSecret));
    const image = "registry.example.com/prices:1.4.2";
    assert.deepEqual(
      publishers.map((publisher) => [publisher.image, publisher.command]),
      [
        [image, null],
        [image, ["/prices", "--verbose"]],
      ],
    );
  });
});
