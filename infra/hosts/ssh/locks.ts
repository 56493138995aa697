// Locks on a host: flock where it is there, which the kernel frees with its holder; else a link that names the holder's pid.

import { createHash, randomBytes } from "node:crypto";
import { UserError } from "../../core/errors.ts";
import { exitCodes } from "../../core/exit-codes.ts";
import type { Session } from "./session.ts";
import { prelude } from "./shell.ts";
import { unreachable } from "./target.ts";

/** What a script ends with that did not get its lock. */
export const lockedCode = 75;

/** Takes the lock called `name` for the rest of the (sub)shell, or ends it with {@link lockedCode}. */
export function takeLock(name: string, withinMs: number): string {
  const file = `"$natsby_locks"/${createHash("sha256").update(name).digest("hex").slice(0, 32)}`;
  // The clock is asked only where somebody waits: most find the lock free, some of them in the gap.
  const wait = `[ $(($(date +%s) - \${began:=$(date +%s)})) -le ${Math.ceil(withinMs / 1000)} ] || exit ${lockedCode}; sleep 0.02 2>/dev/null || sleep 1`;
  // A link is made with its text or not at all.
  const mine = `me=$(sh -c 'echo $PPID')`;
  const stale = `kill -0 "$(readlink ${file}.held)" 2>/dev/null || { mv ${file}.held ${file}.old.$me && rm -f ${file}.old.$me; } 2>/dev/null`;
  return [
    `[ -n "$natsby_locks" ] || { echo "there is no folder for locks" >&2; exit 1; }; began=`,
    "if command -v flock >/dev/null 2>&1; then",
    `exec 9>${file}; until flock -n 9; do ${wait}; done`,
    "else",
    `${mine}; until ln -s $me ${file}.held 2>/dev/null; do ${stale}; ${wait}; done; trap 'rm -f ${file}.held' EXIT`,
    "fi",
  ].join("\n");
}

export function locked(session: Session, name: string, withinMs: number): UserError {
  return new UserError(`gave up after ${withinMs / 1000} s waiting for the lock of ${name} on ${session.target.name}`, {
    code: "locked",
    exitCode: exitCodes.locked,
    hint: `another run of natsby holds it: natsby status; there: fuser /run/lock/natsby-*/*`,
  });
}

/** Whoever holds a lock for longer has lost its connection without a word. */
const heldSeconds = 600;

/**
 * Does `work` while a script that has taken a lock waits there. @param script takes it, and may end otherwise with a code, which
 * `refused` turns into an error.
 */
export async function whileHeld<T>(
  session: Session,
  script: string,
  withinMs: number,
  refused: (code: number, stdout: string) => unknown,
  work: () => Promise<T>,
): Promise<T> {
  const mark = randomBytes(16).toString("hex");
  const wait = `if command -v timeout >/dev/null 2>&1; then timeout ${heldSeconds} head -n 1 >/dev/null; else read -r done; fi`;
  const channel = await session.channel(`${prelude}\n${script}\necho ${mark}\n${wait}`);
  let [stdout, ended, released] = ["", false, false];
  const held = new Promise<void>((resolve, reject) => {
    channel.on("data", (part: Buffer) => {
      stdout += part.toString();
      if (stdout.endsWith(`${mark}\n`)) resolve();
    });
    channel.stderr.resume();
    channel.once("exit", (code: number | null) => {
      ended = !released;
      reject(refused(code ?? 1, stdout));
    });
    channel.once("close", () => {
      ended = !released;
      reject(unreachable(session.target, "the connection was lost"));
    });
  });
  try {
    await session.bounded(held, "waiting for a lock", withinMs + 10_000, () => channel.close());
    const done = await work();
    if (ended) throw unreachable(session.target, "the connection was lost while a lock was held");
    return done;
  } finally {
    released = true;
    channel.end("done\n");
  }
}
