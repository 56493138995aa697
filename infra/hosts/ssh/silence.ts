// Which hosts were silent a moment ago. One `pulumi up` is several processes, and each would wait for a silent host anew: the first
// waits as long as the config says, those after it only see whether it is back.

import { createHash } from "node:crypto";
import { closeSync, constants, lstatSync, mkdirSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type SshTarget, unreachable } from "./target.ts";

/** As long as the processes of one run are at it. */
const rememberedMs = 30_000;
/** Enough for the first words of a host that is back, on the other side of the world. */
const shortMs = 2_000;
const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;

/** The wait for one host to let natsby in. Whoever was silent just before is given less, until it speaks. */
export class Patience {
  readonly #target: SshTarget;
  readonly #withinMs: number;
  readonly #began = performance.now();
  readonly #late = Promise.withResolvers<never>();
  #timer: NodeJS.Timeout;
  #spoke = false;

  /** @param withinMs where nothing is known of it */
  constructor(target: SshTarget, withinMs: number) {
    [this.#target, this.#withinMs] = [target, withinMs];
    this.#late.promise.catch(() => undefined);
    const short = Math.max(shortMs, withinMs / 5);
    this.#timer = short < withinMs && wasSilent(target) ? this.#short(short) : this.#whole();
  }

  /** What comes first: the end of `work`, or that of the wait. @throws UserError where it is the latter */
  for<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#late.promise]);
  }

  /** It says something: slow is not silent. */
  spoke(): void {
    if (this.#spoke) return;
    this.#spoke = true;
    forget(this.#target);
    clearTimeout(this.#timer);
    this.#timer = this.#whole();
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #short(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.#giveUp(ms, "it was silent just before"), ms);
  }

  #whole(): NodeJS.Timeout {
    const left = this.#withinMs - (performance.now() - this.#began);
    return setTimeout(() => {
      if (!this.#spoke) note(this.#target);
      this.#giveUp(this.#withinMs, "timeouts.host");
    }, left);
  }

  #giveUp(ms: number, why: string): void {
    this.#late.reject(
      unreachable(this.#target, `gave up after ${ms / 1000} s (${why}) waiting until it lets natsby in`),
    );
  }
}

function wasSilent(target: SshTarget): boolean {
  try {
    const since = Date.now() - lstatSync(noteOf(target)).mtimeMs;
    if (since >= 0 && since < rememberedMs) return true;
    forget(target);
  } catch {}
  return false;
}

/** A note that cannot be made costs time and nothing else. */
function note(target: SshTarget): void {
  try {
    mkdirSync(folder(), { recursive: true, mode: 0o700 });
    const file = openSync(noteOf(target), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600);
    writeFileSync(file, "\n");
    closeSync(file);
  } catch {}
}

function forget(target: SshTarget): void {
  try {
    rmSync(noteOf(target), { force: true });
  } catch {}
}

const folder = (): string => join(tmpdir(), `natsby-${process.getuid?.()}`);

/** @throws where the folder is not this user's alone: the notes would be somebody else's word. */
function noteOf({ user, address, port, jump }: SshTarget): string {
  const found = lstatSync(folder());
  const isOurs = found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
  if (!isOurs) throw new Error(`${folder()} is not this user's`);
  const name = createHash("sha256").update(JSON.stringify([user, address, port, jump?.address, jump?.port]));
  return join(folder(), `silent-${name.digest("hex").slice(0, 32)}`);
}
