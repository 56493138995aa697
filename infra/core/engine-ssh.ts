// How an engine behind SSH is reached by the system's ssh: natsby's own connection and Pulumi's plugin do it the same way. Pure.

import type { EngineAddress } from "./topology.ts";

/** Where an `ssh://` address leads. */
export interface SshPlace {
  /** As ssh takes it: `user@host`, or a host alone. */
  readonly target: string;
  readonly host: string;
  readonly portOptions: readonly string[];
}

/** Null where the engine is this machine's. */
export function sshPlaceOf({ url }: Pick<EngineAddress, "url">): SshPlace | null {
  if (!url.startsWith("ssh://")) return null;
  const { username, hostname, port } = new URL(url);
  return {
    target: username === "" ? hostname : `${username}@${hostname}`,
    host: hostname,
    portOptions: port === "" ? [] : ["-p", port],
  };
}

/** Nobody is asked anything, and a host key that is not known is refused. One that the config names is the only one. */
export const sshOptions = ({ hostKey }: Pick<EngineAddress, "hostKey">): readonly string[] =>
  [
    "BatchMode=yes",
    "StrictHostKeyChecking=yes",
    "ConnectTimeout=10",
    ...(hostKey === undefined
      ? []
      : [
          `KnownHostsCommand=/bin/echo %H ${hostKey}`,
          "UserKnownHostsFile=/dev/null",
          "GlobalKnownHostsFile=/dev/null",
        ]),
  ].flatMap((option) => ["-o", option]);
