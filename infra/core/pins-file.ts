// The included file of an upstream that says whose key may be in the mesh at all. Taking a pin out is the fence.

import { quote } from "./nats-config.ts";
import { variables } from "./server-config.ts";

/** One key that may join: the fingerprint, and whose it is. */
export interface Pin {
  readonly server: string;
  readonly fingerprint: string;
}

/** What a pins file says. */
export interface PinsFile {
  readonly upstream: string;
  /** Never empty: an empty list would mean no pinning at all (facts-nats P2). */
  readonly pins: readonly Pin[];
  readonly epoch: number;
  readonly ticket?: number;
}

/** Renders a pins file. Throws on an empty list. */
export function renderPinsFile({ upstream, pins, epoch, ticket }: PinsFile): string {
  if (pins.length === 0) throw new Error(`the pins of ${upstream} must never be empty: that would let anybody in`);
  return [
    `# Who may link to ${upstream}. Written by natsby's cutover alone: an edit by hand is drift.`,
    "server_metadata: {",
    `  natsby_epoch: ${quote(String(epoch))}`,
    ...(ticket === undefined ? [] : [`  natsby_ticket: ${quote(String(ticket))}`]),
    "}",
    `${variables.pins}: [`,
    ...pins.map(({ server, fingerprint }) => `  ${quote(fingerprint)} # ${server}`),
    "]",
    "",
  ].join("\n");
}

/** Reads the pins back, strictly; null where the text is not what natsby writes. */
export function parsePinsFile(text: string): readonly Pin[] | null {
  const written =
    /^#.*\nserver_metadata: \{\n(?: {2}natsby_[a-z]+: "[^"\\]*"\n)*\}\nnatsby_pins: \[\n((?: {2}"[0-9a-f]{64}" # [\w-]+\n)+)\]\n$/;
  const body = written.exec(text)?.[1];
  if (body === undefined) return null;
  return [...body.matchAll(/"([0-9a-f]{64})" # ([\w-]+)/g)].map((found) => ({
    fingerprint: found[1] ?? "",
    server: found[2] ?? "",
  }));
}
