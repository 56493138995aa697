// Where a message's stamp stands, and reading it. A stamp is strictly increasing and unique per subject, common to all publishers.

import type { Stamp } from "./topology.ts";

/** What of a message is needed to find its stamp. */
export interface Stamped {
  /** Value of a header; empty or undefined where there is none. */
  header(name: string): string | undefined;
  /** The payload as text. */
  payload(): string;
}

/** The stamp, or null where the message has none that can be compared exactly. */
export function readStamp(stamp: Stamp | null, message: Stamped): number | null {
  if (stamp === null) return null;
  if ("header" in stamp) return numberOf(message.header(stamp.header));
  try {
    return numberOf(pointedAt(JSON.parse(message.payload()), stamp.json));
  } catch {
    return null;
  }
}

/** Follows a JSON pointer (RFC 6901). */
function pointedAt(value: unknown, pointer: string): unknown {
  const keys = pointer.split("/").slice(1);
  return keys.reduce<unknown>((at, key) => {
    const name = key.replaceAll("~1", "/").replaceAll("~0", "~");
    return typeof at === "object" && at !== null ? (at as Record<string, unknown>)[name] : undefined;
  }, value);
}

/** Beyond 2^53 two stamps could look equal that are not: such a stamp is none. */
function numberOf(value: unknown): number | null {
  const number = typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Math.abs(number) <= Number.MAX_SAFE_INTEGER ? number : null;
}
