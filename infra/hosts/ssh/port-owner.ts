// Who listens on a port of a host, in words: the host's own tables, read by its shell.

import type { Session } from "./session.ts";

/** Null where it is free. */
export async function portOwnerThere(session: Session, address: string, port: number): Promise<string | null> {
  const { stdout } = await session.script(ownerScript(address, port), `looks who listens on port ${port}`);
  const [, pid, command = ""] = /^(\d*) ?(.*)\n/.exec(stdout) ?? [];
  if (pid === undefined) return null;
  return pid === "" ? "a program of another user" : `${command.trim().slice(0, 80)} (pid ${pid})`;
}

/** State 0A is LISTEN. */
function ownerScript(address: string, port: number): string {
  const places = placesOf(address).map((place) => `${place}:${port.toString(16).toUpperCase().padStart(4, "0")}`);
  return [
    "cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | while read -r _ place _ state _ _ _ _ _ inode _; do",
    `case $state$place in ${places.map((place) => `0A${place}`).join("|")}) echo $inode; break ;; esac; done | {`,
    "read -r inode || exit 0",
    // One `ls` says which folder each of its lines belongs to.
    "pid=$(ls -l /proc/[0-9]*/fd 2>/dev/null | while read -r line; do case $line in",
    `/proc/*:) at=\${line#/proc/}; at=\${at%%/*} ;; *"socket:[$inode]") echo "$at"; break ;; esac; done)`,
    `printf '%s %s\\n' "$pid" "$([ -z "$pid" ] || tr '\\000\\n' '  ' </proc/$pid/cmdline)"`,
    "}",
  ].join("\n");
}

/** As the kernel writes an address, and the addresses that stand for every one. */
function placesOf(address: string): readonly string[] {
  const bytes = address.split(".").map(Number);
  if (bytes.length !== 4 || !bytes.every((byte) => byte >= 0 && byte < 256)) return ["*"];
  if (address === "0.0.0.0") return ["*"];
  const hex = [...bytes]
    .reverse()
    .map((byte) => byte.toString(16).toUpperCase().padStart(2, "0"))
    .join("");
  return ["00000000", "0".repeat(32), hex, `0000000000000000FFFF0000${hex}`];
}
