// What must hold of a whole config: names, ports, secrets, and what this version does not do yet.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { assertRefused, host, least, parse, problemsOf, type Refusals, secure } from "../../support/config.ts";

const publishers = (...names: string[]) => names.map((name) => ({ name }));

const refused: Refusals = {
  "a misspelt publisher": [
    { activePublisher: "publisher7" },
    /^activePublisher: "publisher7" is none of the publishers: publisher0, publisher1; if it was taken off the list, flip first/,
  ],
  "an active publisher that is fenced": [{ fenced: ["publisher0"] }, /^activePublisher: .*natsby rejoin publisher0/],
  "an unknown fenced name": [{ fenced: ["publishr1"] }, /^fenced\[0\]: "publishr1" .*did you mean publisher1\?/],
  "a name fenced twice": [{ fenced: ["server0", "server0"] }, /^fenced\[1\]: .*already/],
  "every upstream fenced": [{ fenced: ["server0", "server1"] }, /^fenced: names every upstream/],
  "two upstreams of one name": [
    { upstreams: publishers("a", "a") },
    /^upstreams\[1\]\.name: "a" is already upstreams\[0\]\.name/,
  ],
  "an upstream's name for a publisher": [
    { upstreams: publishers("publisher0") },
    /^publishers\[0\]\.name: .* already upstreams\[0\]/,
  ],
  "a dummy's name for an upstream": [
    { upstreams: publishers("dummy-nats1") },
    /^upstreams\[0\]\.name: .*the dummy of publishers\[1\]/,
  ],
  "a dummy's name for a publisher": [
    { publishers: publishers("publisher0", "x", "dummy-nats-x") },
    /^publishers\[2\]\.name: .*the dummy of publishers\[1\]/,
  ],
  "a name of natsby's own": [{ upstreams: publishers("ca") }, /^upstreams\[0\]\.name: .*natsby uses itself/],
  "a name too long for its dummy": [
    { publishers: publishers("publisher0", "p".repeat(60)) },
    /^publishers\[1\]\.name: .*too long for/,
  ],
  "a subject twice": [{ subjects: ["a", "b", "a"] }, /^subjects\[2\]: "a" stands in the list already/],
  "a port given twice": [
    { upstreams: [{ name: "a", clientPort: 9000, monitorPort: 9000 }] },
    /^upstreams\[0\]\.monitorPort: 9000 is also the client port of a/,
  ],
  "a port that another server counts": [
    { upstreams: [{ name: "server0", clientPort: 4227 }, { name: "server1" }] },
    /^upstreams\[0\]\.clientPort: 4227 is also the cluster port of server1/,
  ],
  "a dummy on an upstream's port": [
    { publishers: [{ name: "publisher0", monitorPort: 4222 }, { name: "b" }] },
    /^publishers\[0\]\.monitorPort: 4222 is also the client port of server0/,
  ],
  "two rates": [
    { publishers: [{ name: "publisher0" }, { name: "own", rate: 7, command: ["x"] }, { name: "b", rate: 20 }] },
    /^publishers\[2\]\.rate: 20 differs from publisher0's 10/,
  ],
  "a secret that is not encrypted": [
    { clusterSecret: "x".repeat(40) },
    /^clusterSecret: is not encrypted.*--secret clusterSecret$/,
  ],
  "an old secret that is not": [{ clusterSecretPrevious: "x".repeat(40) }, /^clusterSecretPrevious: is not encrypted/],
  "a secret where none may be": [{ activePublisher: secure }, /^activePublisher: holds a secret/],
  "a secret deep in a list": [
    { publishers: [{ name: "publisher0", environment: { P: secure } }, { name: "b" }] },
    /^publishers: holds a secret, .*only clusterSecret/,
  ],
  "a link to come": [{ link: "leaf" }, /^link: "leaf" is not built yet in this version: "routes" works$/],
  "hosts on local": [{ hosts: { a: host } }, /^hosts: belongs to docker and ssh/],
  "a publisher's user on local": [
    { publishers: [{ name: "a", user: "b" }, { name: "publisher0" }] },
    /^publishers\[0\]\.user: belongs to ssh/,
  ],
  "a mirror on local": [
    { natsServer: { downloadUrl: "https://mirror.example.com" } },
    /^natsServer\.downloadUrl: belongs to ssh/,
  ],
  "SSH keys on local": [{ sshPrivateKeys: secure }, /^sshPrivateKeys: belongs to ssh/],
  "a host on local": [{ upstreams: [{ name: "a", host: "b" }] }, /^upstreams\[0\]\.host: belongs to docker and ssh/],
  "an image on local": [
    { publishers: [{ name: "publisher0", image: "x" }, { name: "b" }] },
    /^publishers\[0\]\.image: belongs to docker/,
  ],
};

describe("a config", () => {
  for (const [what, row] of Object.entries(refused)) it(`is refused: ${what}`, () => assertRefused(row));

  it("is refused with the command that writes what only natsby writes", () => {
    assert.deepEqual(
      problemsOf(() => parse({})),
      [
        "dataDir, basePort, clusterSecret: are missing: natsby start writes what is missing",
        "activePublisher: is missing: pulumi config set activePublisher publisher0 says who is heard",
      ],
    );
    const { basePort: _, ...rest } = least;
    const found = problemsOf(() => parse(rest, "prod"));
    assert.deepEqual(found, ["basePort: is missing: natsby init prod writes what is missing"]);
  });

  it("may give two servers' ports crosswise", () => {
    const upstreams = [
      { name: "server0", clientPort: 4226 },
      { name: "server1", clientPort: 4222 },
    ];
    assert.equal(parse({ ...least, upstreams }).upstreams[0]?.clientPort, 4226);
  });
});
