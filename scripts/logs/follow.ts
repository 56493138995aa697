// Follows a log file as it grows, through rotation, truncation and its absence. Reads only.

import { type FileHandle, open, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const pollMs = 200;
const blockBytes = 256 * 1024;

/** Hands on every whole line of `path` after its first `from` bytes, until `stop`. */
export async function follow(
  path: string,
  from: number,
  onLine: (line: string) => void,
  stop: AbortSignal,
): Promise<void> {
  const follower = new Follower(path, from, onLine);
  while (!stop.aborted) {
    await follower.read();
    await sleep(pollMs, undefined, { signal: stop }).catch(() => {});
  }
  await follower.close();
}

class Follower {
  readonly #path: string;
  readonly #onLine: (line: string) => void;
  #file: FileHandle | null = null;
  #position: number;
  #rest = Buffer.alloc(0);

  constructor(path: string, from: number, onLine: (line: string) => void) {
    [this.#path, this.#position, this.#onLine] = [path, from, onLine];
  }

  /** First what was still written to the file at hand, then the one that took its place. */
  async read(): Promise<void> {
    await this.#readOn();
    if (!(await this.#wasReplaced())) return;
    await this.#readOn();
    if (this.#file !== null) await this.close();
    this.#file = await open(this.#path, "r").catch(() => null);
    await this.#readOn();
  }

  async close(): Promise<void> {
    await this.#file?.close();
    [this.#file, this.#position, this.#rest] = [null, 0, Buffer.alloc(0)];
  }

  async #wasReplaced(): Promise<boolean> {
    const there = await stat(this.#path).catch(() => null);
    if (there === null) return false;
    return this.#file === null || (await this.#file.stat()).ino !== there.ino;
  }

  async #readOn(): Promise<void> {
    if (this.#file === null) return;
    if ((await this.#file.stat()).size < this.#position) this.#position = 0;
    for (;;) {
      const { buffer, bytesRead } = await this.#file.read(Buffer.alloc(blockBytes), 0, blockBytes, this.#position);
      if (bytesRead === 0) return;
      this.#position += bytesRead;
      this.#take(buffer.subarray(0, bytesRead));
    }
  }

  /** A line is handed on when its end is there. */
  #take(bytes: Buffer): void {
    const all = Buffer.concat([this.#rest, bytes]);
    let from = 0;
    for (let at = all.indexOf(10); at !== -1; at = all.indexOf(10, from)) {
      this.#onLine(all.toString("utf8", from, at).replace(/\r$/, ""));
      from = at + 1;
    }
    this.#rest = all.subarray(from);
  }
}
