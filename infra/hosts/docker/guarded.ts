// The guard of a stack on an engine. Its rules are those of guard.ts and are applied here; natsby-helper only compares, under the lock,
// that the record is still the very text that was judged, and writes in the same step.

import { createHash } from "node:crypto";
import { UserError } from "../../core/errors.ts";
import { exitCodes } from "../../core/exit-codes.ts";
import { stackFiles } from "../../core/layout.ts";
import { checkClaim, checkWrite, newGuard, parseGuard } from "../guard.ts";
import { type Guard, type Host, isLeftover, stagedPath } from "../host.ts";
import { type filesThere, told } from "./files.ts";
import type { Helper } from "./helper.ts";

/** What a guarded write came to: `seen` is the record that stood there instead. */
interface Outcome {
  readonly done: boolean;
  readonly locked: boolean;
  readonly seen: string | null;
}

const lockMs = 5_000;
/** Each time somebody else came in between. */
const mostTries = 20;

/** The part of the port that is about the guard and turns. */
export function guardedThere(name: string, helper: Helper, files: ReturnType<typeof filesThere>, dataDir: string) {
  const path = `${dataDir}/${stackFiles.guard}`;
  const lockOf = (what: string): string =>
    `${dataDir}/.locks/${createHash("sha256").update(what).digest("hex").slice(0, 32)}`;
  const guardOf = (text: string | null): Guard => (text === null ? newGuard : parseGuard(text, `${name}:${path}`));
  let seen: string | null | undefined;

  async function step(judge: (guard: Guard) => void, what: string, request: Record<string, unknown>): Promise<void> {
    const lock = lockOf(dataDir);
    for (let tries = 0; tries < mostTries; tries++) {
      if (seen === undefined) seen = await files.read(path);
      judge(guardOf(seen));
      const asked = { ...request, guard: path, seen, lock };
      const outcome: Outcome = await told(String(request.to ?? path), () => helper.ask(what, asked));
      if (outcome.done) return;
      if (outcome.locked) throw lockedOut(name, dataDir, lockMs);
      seen = outcome.seen;
    }
    throw new Error(`${name}: ${path} changed again and again`);
  }

  async function inTurn<T>(what: string, withinMs: number, work: () => Promise<T>): Promise<T> {
    const lock = lockOf(what);
    const got = await helper.ask<boolean>("lock", { lock, withinMs }, withinMs + lockMs);
    if (!got) throw lockedOut(name, what, withinMs);
    try {
      return await work();
    } finally {
      await helper.ask("unlock", { lock });
    }
  }

  return {
    async guard() {
      seen = await files.read(path);
      return guardOf(seen);
    },
    async claim(claim) {
      const text = `${JSON.stringify(claim)}\n`;
      await step((guard) => checkClaim(guard, claim, name), "write", { path, text, mode: 0o600 });
      seen = text;
    },
    stage: (to, text, mode, claim) =>
      told(to, () => helper.ask("stage", { path: stagedPath(to, claim), to, text, mode })),
    commit: (to, claim) =>
      step((guard) => checkWrite(guard, claim, name), "place", { path: stagedPath(to, claim), to }),
    guarded: (claim, work) =>
      inTurn(dataDir, lockMs, async () => {
        seen = await files.read(path);
        checkWrite(guardOf(seen), claim, name);
        return work();
      }),
    async tidy(folder, claim) {
      const left = (await files.list(folder)).filter((one) => isLeftover(one, claim));
      await Promise.all(left.map((one) => files.remove(`${folder}/${one}`)));
    },
    inTurn,
  } satisfies Partial<Host>;
}

function lockedOut(name: string, what: string, withinMs: number): UserError {
  return new UserError(`gave up after ${withinMs / 1000} s waiting for the lock of ${name}:${what}`, {
    code: "locked",
    exitCode: exitCodes.locked,
    hint: "another run of natsby holds it; it is free when that ends or is killed",
  });
}
