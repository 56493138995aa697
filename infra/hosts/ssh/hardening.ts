// What a unit may do: for a nats-server no more than it needs, as its vendor's hardened unit has it; for a publisher, whose program
// may be any, all that no program misses. `systemctl edit` gives one more.

import type { RunsAs } from "../host.ts";

/** Of natsby's own user: as little is taken away as nobody can miss. */
const asNatsby = [
  "NoNewPrivileges=yes",
  "ProtectControlGroups=yes",
  "ProtectKernelModules=yes",
  "ProtectKernelTunables=yes",
  "RestrictSUIDSGID=yes",
  "LockPersonality=yes",
];

const ofEverybody = [
  ...asNatsby,
  "ProtectSystem=strict",
  "PrivateTmp=yes",
  "PrivateDevices=yes",
  "ProtectClock=yes",
  "ProtectHostname=yes",
  "ProtectKernelLogs=yes",
  "ProtectProc=invisible",
  "RestrictNamespaces=yes",
  "RestrictRealtime=yes",
  "RemoveIPC=yes",
  "SystemCallArchitectures=native",
  // What is not in it is an error for the program, and not its end.
  "SystemCallErrorNumber=EPERM",
  "UMask=0077",
];

/** It reads its folder, writes its log, and speaks to the network. */
const ofServer = [
  "MemoryDenyWriteExecute=yes",
  "PrivateIPC=yes",
  "ProcSubset=pid",
  "ProtectHome=yes",
  "RestrictAddressFamilies=AF_INET AF_INET6",
  "SystemCallFilter=@system-service",
  "SystemCallFilter=~@privileged @resources",
];

/** Its program may lie in a home, make machine code as it runs, and speak to a daemon of its host. */
const ofPublisher = [
  "CapabilityBoundingSet=",
  "ProtectHome=read-only",
  "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK",
  "SystemCallFilter=@system-service",
];

/** The lines of a unit. @param user whom it runs as, and `log` and `state` what it may write: paths as a unit has them. */
export function hardening(as: RunsAs | undefined, user: string | null, log: string, state: string): readonly string[] {
  if (as === undefined || user === null) return asNatsby;
  if (as.kind === "publisher") return [`User=${user}`, `StateDirectory=${state}`, ...ofEverybody, ...ofPublisher];
  const lowPort = "CAP_NET_BIND_SERVICE";
  const ports = as.lowPorts
    ? [`CapabilityBoundingSet=${lowPort}`, `AmbientCapabilities=${lowPort}`]
    : ["CapabilityBoundingSet=", "PrivateUsers=yes"];
  return [`User=${user}`, `ReadWritePaths=${log}`, ...ofEverybody, ...ofServer, ...ports];
}
