// What a host says of itself, in one round trip, and who has the ports that are wanted there. Changes nothing.

import type { HostFacts, WantedPort } from "../core/host-checks.ts";
import type { Topology } from "../core/topology.ts";
import type { Host } from "./host.ts";

const withinMs = 10_000;

/** A line for each; `df` asks the nearest folder that is there. */
const script = `uname -s; uname -m; id -u
if [ -d /run/systemd/system ]; then systemctl --version | sed -n '1s/^systemd \\([0-9]*\\).*/\\1/p'; else echo none; fi
at=$1; while [ ! -d "$at" ]; do at=\${at%/*}; [ -n "$at" ] || at=/; done; df -Pk "$at" | awk 'NR==2 {print $4}'
(nats-server --version 2>/dev/null || echo none) | sed 's/.*v//'
date +%s.%N`;

/** @throws UserError where the host cannot be reached or does not let natsby in. */
export async function hostFacts(host: Host, dataDir: string): Promise<HostFacts> {
  // The first question opens the connection, which is not to be measured.
  await host.list("/nowhere");
  const began = Date.now();
  await host.list("/nowhere");
  const roundTripMs = Date.now() - began;
  const asked = Date.now();
  const { stdout } = await host.run(["sh", "-c", script, "sh", dataDir], { withinMs });
  const answered = Date.now();
  const [system = "", architecture = "", uid, systemd, free, natsServer = "none", clock = ""] = stdout.split("\n");
  // Where `date` knows no parts of a second it says so in letters.
  const [seconds = "0", parts = ""] = clock.split(".");
  const isExact = /^\d{9}$/.test(parts);
  const there = Number(seconds) * 1000 + (isExact ? Number(parts.slice(0, 3)) : 500);
  const margin = Math.ceil((answered - asked) / 2) + (isExact ? 0 : 500);
  return {
    ...{ system, architecture, isRoot: uid === "0", roundTripMs },
    systemd: systemd === "none" ? null : Number(systemd),
    freeKilobytes: /^\d+$/.test(free ?? "") ? Number(free) : null,
    natsServer: natsServer === "none" ? null : natsServer,
    clockAheadMs: Math.round(there - (asked + answered) / 2),
    clockMarginMs: margin,
  };
}

/** Each port of a server that is placed on this host. */
export async function wantedPorts(host: Host, topology: Topology): Promise<readonly WantedPort[]> {
  const dummies = topology.publishers.map(({ dummy, host }) => ({ ...dummy, host }));
  const placed = [...topology.upstreams, ...dummies].filter((server) => server.host === host.name);
  const wanted = placed.flatMap((server) => {
    const cluster = "clusterPort" in server ? server.clusterPort : null;
    const ports = [server.clientPort, cluster, server.monitorPort].filter((port) => port !== null);
    return ports.map((port) => ({ server: server.name, port }));
  });
  const processes = await host.processes();
  return Promise.all(
    wanted.map(async ({ server, port }) => {
      const owner = await host.portOwner("0.0.0.0", port);
      const isOwn = processes.get(server)?.some(({ pid }) => owner?.endsWith(`(pid ${pid})`)) ?? false;
      return { server, port, takenBy: isOwn ? null : owner };
    }),
  );
}
