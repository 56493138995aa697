// Settings resolved: every server has its address and ports, the same on every machine.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { portsOf } from "../../infra/core/ports.ts";
import { topologyOf } from "../../infra/core/topology-of.ts";
import { least, parse } from "../support/config.ts";

const name = { project: "natsby", stack: "local" };

describe("a topology", () => {
  it("has the names, ports and defaults of the README", () => {
    const topology = topologyOf(parse(least), name);
    assert.deepEqual(
      portsOf(topology).map(({ server, purpose, address, port }) => `${server} ${purpose} ${address}:${port}`),
      [
        "server0 client 127.0.0.1:4222",
        "server0 cluster 127.0.0.1:4223",
        "server0 monitor 127.0.0.1:4224",
        "server1 client 127.0.0.1:4226",
        "server1 cluster 127.0.0.1:4227",
        "server1 monitor 127.0.0.1:4228",
        "dummy-nats0 client 127.0.0.1:4422",
        "dummy-nats0 monitor 127.0.0.1:4423",
        "dummy-nats1 client 127.0.0.1:4424",
        "dummy-nats1 monitor 127.0.0.1:4425",
      ],
    );
    assert.deepEqual([topology.cluster, topology.natsServerVersion], ["natsby-local", "2.15.2"]);
    assert.equal("basePort" in topology, false);
  });

  it("takes a given port before a counted one", () => {
    const upstreams = [
      { name: "server0" },
      { name: "server1", clientPort: 9000, clusterPort: 9001, monitorPort: 9002 },
    ];
    const publishers = [{ name: "publisher0", clientPort: 9003 }, { name: "publisher1" }];
    const topology = topologyOf(parse({ ...least, upstreams, publishers }), name);
    const { clientPort, clusterPort, monitorPort } = topology.upstreams[1] ?? {};
    assert.deepEqual([clientPort, clusterPort, monitorPort], [9000, 9001, 9002]);
    assert.deepEqual(
      [topology.publishers[0]?.dummy.clientPort, topology.publishers[0]?.dummy.monitorPort],
      [9003, 4423],
    );
  });

  it("is the same to the byte, in whatever order the keys stand", () => {
    const turned = Object.fromEntries(Object.entries({ ...least, epoch: 1, fenced: [] }).reverse());
    const [one, other] = [{ ...least, fenced: [], epoch: 1 }, turned].map((values) => topologyOf(parse(values), name));
    assert.equal(JSON.stringify(one), JSON.stringify(other));
  });
});
