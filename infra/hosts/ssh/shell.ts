// A shell on a host that stays open, over one channel: a script is one round trip, and scripts that are sent at once share it. What
// one prints ends with a line that nobody could know before it was asked for, so no content can be taken for an answer.

import { randomBytes } from "node:crypto";
import type { ClientChannel } from "ssh2";

/** How a script ended. */
export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Begins every shell: the same words and rights everywhere, which boot of the host this is, and a folder for locks that a reboot empties. */
export const prelude = `LC_ALL=C TZ=UTC PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin; export LC_ALL TZ PATH; umask 077
natsby_boot=; IFS= read -r natsby_boot 2>/dev/null </proc/sys/kernel/random/boot_id
for natsby_at in /run/lock /var/lock /tmp; do
natsby_locks=$natsby_at/natsby-$(id -u); mkdir "$natsby_locks" 2>/dev/null
[ -d "$natsby_locks" ] && [ ! -L "$natsby_locks" ] && [ -O "$natsby_locks" ] && break; natsby_locks=
done`;

interface Asked {
  readonly end: string;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** The shell's end of a channel on which `sh` runs. */
export class RemoteShell {
  readonly #channel: ClientChannel;
  readonly #asked: Asked[] = [];
  #out: Buffer = Buffer.alloc(0);
  #err: Buffer = Buffer.alloc(0);
  #lost: unknown;

  /** `lost` makes the error of what had no answer when the shell ended. */
  constructor(channel: ClientChannel, lost: (said: string) => unknown) {
    this.#channel = channel;
    channel.on("data", (part: Buffer) => {
      this.#out = Buffer.concat([this.#out, part]);
      this.#settle();
    });
    channel.stderr.on("data", (part: Buffer) => {
      this.#err = Buffer.concat([this.#err, part]);
      this.#settle();
    });
    channel
      .on("error", () => undefined)
      .once("close", () => {
        this.#lost = lost(this.#err.toString().trim());
        for (const { reject } of this.#asked.splice(0)) reject(this.#lost);
      });
    this.#send(prelude, (script) => script);
  }

  /** Runs a script in a shell of its own there, after those asked before. */
  run(script: string): Promise<Answer> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    return this.#send(script, (text) => `(\n${text}\n) </dev/null`);
  }

  #send(script: string, within: (script: string) => string): Promise<Answer> {
    const end = randomBytes(16).toString("hex");
    this.#channel.write(`${within(script)}\nprintf '\\n%s %s\\n' ${end} $?; printf '\\n%s\\n' ${end} >&2\n`);
    const answer = new Promise<Answer>((resolve, reject) => this.#asked.push({ end, resolve, reject }));
    answer.catch(() => undefined);
    return answer;
  }

  #settle(): void {
    for (let first = this.#asked[0]; first !== undefined; first = this.#asked[0]) {
      const [out, err] = [this.#out.indexOf(`\n${first.end} `), this.#err.indexOf(`\n${first.end}\n`)];
      const lineEnd = out < 0 ? -1 : this.#out.indexOf("\n", out + 1);
      if (lineEnd < 0 || err < 0) return;
      const code = Number(this.#out.subarray(out + first.end.length + 2, lineEnd).toString());
      const answer = {
        code,
        stdout: this.#out.subarray(0, out).toString(),
        stderr: this.#err.subarray(0, err).toString(),
      };
      this.#out = this.#out.subarray(lineEnd + 1);
      this.#err = this.#err.subarray(err + first.end.length + 2);
      this.#asked.shift();
      first.resolve(answer);
    }
  }
}
