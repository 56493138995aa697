// Which hosts were silent a moment ago. One `pulumi up` is several processes, and each would wait for a silent host anew: the first
// waits as long as the config says, those after it only see whether it is back.

import { createHash } from "node:crypto";
import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SshTarget } from "./target.ts";

/** As long as the processes of one run are at it. */
const rememberedMs = 30_000;
/** Enough for a host that is back, on the other side of the world. */
const shortMs = 2_000;

/** How long to wait for a host. @param withinMs where nothing is known of it */
export function patienceWith(target: SshTarget, withinMs: number): number {
  try {
    const since = Date.now() - statSync(noteOf(target)).mtimeMs;
    return since >= 0 && since < rememberedMs ? Math.min(withinMs, shortMs) : withinMs;
  } catch {
    return withinMs;
  }
}

/** It said nothing for as long as the config wants to wait. A note that cannot be made costs time and nothing else. */
export function noteSilent(target: SshTarget): void {
  try {
    mkdirSync(folder(), { recursive: true, mode: 0o700 });
    writeFileSync(noteOf(target), "");
  } catch {}
}

/** It answers. */
export function forgetSilent(target: SshTarget): void {
  try {
    rmSync(noteOf(target), { force: true });
  } catch {}
}

/** This user's: in another's the notes would be another's word. */
const folder = (): string => join(tmpdir(), `natsby-${process.getuid?.()}`);

function noteOf({ user, address, port, jump }: SshTarget): string {
  if (statSync(folder(), { throwIfNoEntry: false })?.uid !== process.getuid?.()) throw new Error("there are no notes");
  const name = createHash("sha256").update(JSON.stringify([user, address, port, jump?.address, jump?.port]));
  return join(folder(), `silent-${name.digest("hex").slice(0, 32)}`);
}
