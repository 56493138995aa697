// What `natsby hosts scan` prints. Pure.

import type { Scanned } from "../verbs/scan-hosts.ts";

const words = { new: "NEW", same: "as in the config", changed: "DIFFERS from the config", unknown: "UNKNOWN" };

/** For people: fingerprints whole, since they are compared by eye. */
export function scanLines(scanned: readonly Scanned[], named: boolean): string {
  const lines = scanned.flatMap(({ name, user, address, port, key, fingerprint, state, error }) => [
    `${name} (${user}@${address} port ${port}): ${words[state]}`,
    ...(key === null ? [`  ${error}`] : [`  ${key.split(" ")[0]} ${fingerprint}`]),
  ]);
  const changed = scanned.filter(({ state }) => state === "changed").map(({ name }) => name);
  const advice =
    changed.length === 0 || named
      ? []
      : ["", `A key that differs is only written for a host that is named: natsby hosts scan ${changed.join(" ")}`];
  return [...lines, ...advice].map((line) => `${line}\n`).join("");
}

/** For programs. */
export function scanJson(stack: string, scanned: readonly Scanned[]): string {
  return `${JSON.stringify({ schema: 1, stack, hosts: scanned }, null, 2)}\n`;
}
