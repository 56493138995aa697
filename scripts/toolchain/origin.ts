// Notes beside a tool in the cache how it came there, so that doctor can still say so months later.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Source } from "./tool.ts";

const noteName = "natsby.json";

/** Notes the source of what lies in a folder of the cache. */
export function noteOrigin(folder: string, source: Source): void {
  writeFileSync(join(folder, noteName), `${JSON.stringify({ source })}\n`);
}

/** The source that was noted; "cache" where somebody else put the tool there. */
export function originOf(folder: string): Source {
  try {
    return (JSON.parse(readFileSync(join(folder, noteName), "utf8")) as { source: Source }).source;
  } catch {
    return "cache";
  }
}
