// Runs one program on a host to its end, bounded, on a channel of its own. Its arguments and environment go by a shell's input.

import { setTimeout as sleep } from "node:timers/promises";
import type { Argv } from "../../core/argv.ts";
import type { Finished, HostRunOptions } from "../host.ts";
import { printed, word, words } from "./quote.ts";
import type { Session } from "./session.ts";
import { prelude } from "./shell.ts";
import { unreachable } from "./target.ts";

/** What a shell ends with that cannot execute a program. */
const [notExecutable, notFound] = [126, 127];
/** How long a program that was killed may take to be gone. */
const killMs = 2_000;

/** Rejects where it cannot be started or the host is lost. */
export async function runThere(session: Session, argv: Argv, options: HostRunOptions): Promise<Finished> {
  const channel = await session.channel();
  let [out, stderr, pid] = [Buffer.alloc(0), "", 0];
  const begun = Promise.withResolvers<void>();
  channel.on("data", (part: Buffer) => {
    out = Buffer.concat([out, part]);
    if (pid > 0 || !out.includes("\n")) return;
    pid = Number(out.subarray(0, out.indexOf("\n")).toString());
    out = out.subarray(out.indexOf("\n") + 1);
    begun.resolve();
  });
  channel.stderr.on("data", (part: Buffer) => (stderr += part.toString()));
  const ended = new Promise<number | null>((resolve, reject) => {
    let code: number | null | undefined;
    channel.once("exit", (ended: number | null) => {
      code = ended;
      // What a child of it holds open is no longer listened to.
      void sleep(killMs, undefined, { ref: false }).then(() => channel.close());
    });
    channel.once("close", () => {
      if (code === undefined) reject(unreachable(session.target, "the connection was lost"));
      else resolve(code);
    });
  });
  ended.catch(() => undefined);
  channel.write(scriptOf(argv, options));
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    void kill().catch(() => undefined);
  }, options.withinMs);
  async function kill(): Promise<void> {
    if (pid > 0) await session.script(`kill -9 ${pid}`, "kills a program");
    await sleep(killMs, undefined, { ref: false });
    channel.close();
  }
  const wait = `waiting until ${argv[0]} ends`;
  const code = await session
    .bounded(ended, wait, options.withinMs + 3 * killMs, () => channel.close())
    .finally(() => clearTimeout(timer));
  if (!timedOut && (code === notExecutable || code === notFound) && stderr.startsWith("sh: ")) {
    throw new Error(`${session.target.name}: ${argv[0]} cannot be executed: ${stderr.trim()}`);
  }
  return { code: timedOut ? null : code, stdout: out.toString(), stderr, timedOut };
}

/** The shell says its pid, and becomes the program. */
function scriptOf(argv: Argv, { cwd, environment }: HostRunOptions): string {
  return [
    "echo $$",
    prelude,
    ...(cwd === undefined ? [] : [`cd -- ${word(cwd)} || exit 1`]),
    ...(environment === undefined ? [] : environmentOf(environment)),
    `exec ${words(argv)} </dev/null`,
    "",
  ].join("\n");
}

function environmentOf(environment: Readonly<Record<string, string>>): readonly string[] {
  const clear =
    "for v in $(env | sed -n 's/^\\([A-Za-z_][A-Za-z0-9_]*\\)=.*/\\1/p'); do [ $v = PATH ] || unset $v; done 2>/dev/null";
  const set = Object.entries(environment).map(
    ([name, value]) => `${name}=$(${printed(value)}; echo .); ${name}=\${${name}%.}; export ${name}`,
  );
  return [clear, ...set];
}
