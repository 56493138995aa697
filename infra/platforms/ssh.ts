// Platform `ssh`: processes on hosts of their own. Pulumi prepares each host; natsby's programs do the rest from here, over one
// warm connection a host (docs/adr/0015-programs-here-hosts-there.md). Inputs are the same text on every machine.

import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterSecret } from "../core/secrets.ts";
import type { HostAddress, Topology } from "../core/topology.ts";
import { type HostKeys, hostsPlan } from "../hosts/stack-hosts.ts";
import { leaveCommand, localPlatform } from "./local.ts";
import type { Platform } from "./platform.ts";

/** A host that is away must not be waited for by Pulumi longer than by natsby. */
const dial = { dialErrorLimit: 2, perDialTimeout: 10 };
const customTimeouts = { create: "1m", update: "1m", delete: "1m" };

/** @param keys private keys by host, or `default`; none: those of an agent. In requests on stdin and in Pulumi's connections only. */
export function sshPlatform(
  topology: Topology,
  clusterSecret: pulumi.Input<ClusterSecret>,
  keys: pulumi.Input<HostKeys>,
): Platform {
  const reach = pulumi.output(keys).apply((sshPrivateKeys) => ({ hosts: hostsPlan(topology), sshPrivateKeys }));
  const connectionTo = ({ name, address, user, port, hostKey }: HostAddress) => {
    const privateKey = pulumi.secret(pulumi.output(keys).apply((all) => all[name] ?? all.default ?? ""));
    return { host: address, user, port, hostKey, privateKey, ...dial };
  };
  return {
    ...localPlatform(clusterSecret, reach),
    prepare(name, host, options) {
      const through = topology.hosts?.find((other) => other.name === host.jump);
      const connection = { ...connectionTo(host), ...(through && { proxy: connectionTo(through) }) };
      return new remote.Command(
        name,
        { connection, create: preparation(topology.dataDir), addPreviousOutputInEnv: false },
        { ...options, customTimeouts },
      );
    },
    folder: (name, { name: host }, options) =>
      leaveCommand(name, clusterSecret, reach, { host, dataDir: topology.dataDir }, options),
  };
}

/** What natsby needs there: a POSIX shell, /proc, root's rights, and the stack's folder, private. */
function preparation(dataDir: string): string {
  const folder = `'${dataDir.replaceAll("'", "'\\''")}'`;
  return [
    "set -eu",
    "[ -r /proc/self/stat ] || { echo 'there is no /proc' >&2; exit 1; }",
    // By a shell, which is all that sudoers must allow.
    'as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n sh -c "\\"\\$@\\"" sh "$@"; fi; }',
    "umask 022",
    `as_root mkdir -p -- ${folder}`,
    // Servers run as users of their own: they go through to their folders, and see nothing of it.
    `as_root chmod 0711 -- ${folder}`,
    "echo prepared",
  ].join("\n");
}
