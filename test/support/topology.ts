// A small topology for tests of pure code: two upstreams, two publishers, the ports of the README.

import type { Publisher, Topology, Upstream } from "../../infra/core/topology.ts";

/** The topology of a test, with what matters to it put over the usual. */
export function testTopology(over: Partial<Topology> = {}): Topology {
  return {
    project: "natsby",
    stack: "test",
    platform: "local",
    link: "routes",
    cluster: "natsby-test",
    dataDir: "/var/lib/natsby/test",
    activePublisher: "publisher0",
    subjects: ["test"],
    stamp: { json: "/seq" },
    settle: 50,
    maxLag: 1_000,
    upstreams: [testUpstream(0), testUpstream(1)],
    publishers: [testPublisher(0), testPublisher(1)],
    fenced: [],
    generations: {},
    epoch: 0,
    once: null,
    natsServerVersion: "2.15.2",
    allowActiveRestart: false,
    timeouts: {
      connect: 2_000,
      request: 2_000,
      detach: 5_000,
      stop: 5_000,
      start: 10_000,
      fresh: 5_000,
      attach: 5_000,
      heard: 2_000,
      observe: 2_000,
      silence: 2_000,
    },
    ...over,
  };
}

/** `server<n>`; its ports are counted from `ports` when they matter. */
export function testUpstream(n: number, ports: Partial<Upstream> = {}): Upstream {
  const address = "127.0.0.1";
  return {
    name: `server${n}`,
    address,
    clientPort: 4222 + 4 * n,
    clusterPort: 4223 + 4 * n,
    monitorPort: 4224 + 4 * n,
    ...ports,
  };
}

/** `publisher<n>` with its dummy. */
export function testPublisher(n: number, ports: Partial<Publisher["dummy"]> = {}, rate = 10): Publisher {
  const address = "127.0.0.1";
  const dummy = { name: `dummy-nats${n}`, address, clientPort: 4422 + 2 * n, monitorPort: 4423 + 2 * n, ...ports };
  return { name: `publisher${n}`, dummy, command: null, environment: {}, rate };
}
