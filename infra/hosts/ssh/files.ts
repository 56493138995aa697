// Files on a host over its shell: written whole or not at all, as on this machine. Contents go by the shell's own input, never in a
// command line.

import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { UserError } from "../../core/errors.ts";
import { type Host, type Looked, maxLookedBytes } from "../host.ts";
import { printed, word } from "./quote.ts";
import type { Session } from "./session.ts";
import type { Answer } from "./shell.ts";
import { unreachable } from "./target.ts";

const bringMs = 300_000;

export function filesThere(session: Session) {
  const script = (text: string, what: string): Promise<Answer> => session.script(text, what);
  return {
    async read(path) {
      const answer = await script(`[ -e ${word(path)} ] || exit 44; cat -- ${word(path)}`, `reads ${path}`);
      if (answer.code === 44) return null;
      if (answer.code !== 0) throw new Error(`${session.target.name}: ${answer.stderr}`);
      return answer.stdout;
    },
    async look(paths) {
      const mark = randomBytes(16).toString("hex");
      const { stdout } = await script(lookScript(paths, mark), `looks at ${paths.join(", ")}`);
      return stdout.split(`\n${mark}\n`).slice(0, paths.length).map(lookedOf);
    },
    async list(folder) {
      const each = 'for f in * .[!.]* ..?*; do [ -e "$f" ] || [ -L "$f" ] && printf \'%s\\000\' "$f"; done; exit 0';
      const { stdout } = await script(`cd -- ${word(folder)} 2>/dev/null || exit 0; ${each}`, `lists ${folder}`);
      return stdout.split("\0").filter(Boolean);
    },
    makeFolder: async (path) =>
      check(await script(`mkdir -p -- ${word(path)}`, `makes ${path}`), path, session.target.name),
    async write(path, text, mode) {
      const aside = `${path}.next`;
      const steps = [writeScript(aside, text, mode), placeScript(aside, path), syncScript(dirname(path))];
      check(await script(steps.join(" && "), `writes ${path}`), path, session.target.name);
    },
    remove: async (path) =>
      check(await script(`rm -rf -- ${word(path)}`, `removes ${path}`), path, session.target.name),
    move: async (from, to) =>
      check(await script(`mv -f -- ${word(from)} ${word(to)}`, `moves ${from}`), to, session.target.name),
    append: async (path, line) =>
      check(await script(appendScript(path, line), `writes ${path}`), path, session.target.name),
    bring: (file, path, mode) => bring(session, file, path, mode),
  } satisfies Partial<Host>;
}

/** Writes and syncs, with the folders above; what a killed run left there is written over. */
export function writeScript(path: string, text: string, mode: number): string {
  const [file, folder] = [word(path), word(dirname(path))];
  // By way of cat: it says what is wrong with the disk, which a shell's own printf does not.
  const write = `{ ${printed(text)} | cat >${file}; } && chmod ${mode.toString(8)} ${file} && ${shareScript(path)} && ${syncScript(path)}`;
  return `mkdir -p -- ${folder} && rm -f -- ${file} && ${write}`;
}

/** In the folder of a server or publisher that runs as a user of its own, which is told by its set-group-ID bit, its group reads along. */
const shareScript = (path: string): string => `{ [ ! -g ${word(dirname(path))} ] || chmod g+r ${word(path)}; }`;

/** The rename. An empty folder in the file's place holds nothing and goes; a link is not written through. */
export function placeScript(from: string, path: string): string {
  const file = word(path);
  const clear = `if [ -L ${file} ]; then [ ! -d ${file} ] || rm -f -- ${file}; elif [ -d ${file} ]; then rmdir -- ${file}; fi`;
  return `{ ${clear}; } && mv -f -- ${word(from)} ${file}`;
}

/** Only what is asked for, where `sync` can do that. */
const syncScript = (path: string): string => `{ sync -- ${word(path)} 2>/dev/null || sync; }`;

/** A line that a killed writer left without its end stays a line of its own. */
function appendScript(path: string, line: string): string {
  const file = word(path);
  const open = `if [ -s ${file} ] && [ -n "$(tail -c 1 -- ${file})" ]; then printf '\\n'; fi`;
  return `mkdir -p -- ${word(dirname(path))} && { { ${open}; ${printed(`${line}\n`)}; } | cat >>${file}; } && ${syncScript(path)}`;
}

/** @throws UserError that says what is in the way, in the words of the driver of this machine. */
export function check(answer: Answer, path: string, host: string): void {
  if (answer.code === 0) return;
  const said = answer.stderr.trim();
  const known = Object.entries(reasons).find(([words]) => said.includes(words));
  throw new UserError(`${path} cannot be written: ${known?.[1] ?? said}`, {
    code: "unwritable",
    hint: `on ${host}: ls -ld ${path} ${dirname(path)}; df ${dirname(path)}`,
  });
}

const reasons: Readonly<Record<string, string>> = {
  "No space left": "the disk is full",
  "quota exceeded": "this user's quota is used up",
  "Read-only": "it is on a read-only disk",
  "Permission denied": "this user may not",
  "not permitted": "this user may not",
  "not empty": "a directory with files in it stands there",
};

function lookScript(paths: readonly string[], mark: string): string {
  const look = [
    "look() {",
    "if ! s=$(stat -L -c '%F|%s|%y' -- \"$1\" 2>&1); then printf '%s\\n' \"unreadable|$s\"",
    'else case $s in regular*) if [ ! -r "$1" ]; then printf \'%s\\n\' "unreadable|Permission denied"; else',
    `printf '%s\\n' "$s"; n=\${s#*|}; [ "\${n%%|*}" -gt ${maxLookedBytes} ] || cat -- "$1"; fi ;;`,
    "*) printf '%s\\n' \"$s\" ;; esac; fi",
    `printf '\\n%s\\n' ${mark}`,
    "}",
  ];
  return [...look, ...paths.map((path) => `look ${word(path)}`)].join("\n");
}

function lookedOf(record: string): Looked {
  const lineEnd = record.indexOf("\n");
  const [kind = "", ...rest] = record.slice(0, lineEnd).split("|");
  if (kind === "unreadable") return unreadable(rest.join("|"));
  if (kind === "directory") return { kind: "folder" };
  if (!kind.startsWith("regular")) return { kind: "other" };
  const [bytes = "0", at = ""] = rest;
  const text = Number(bytes) > maxLookedBytes ? null : record.slice(lineEnd + 1);
  const [day, time, zone] = at.split(" ");
  return { kind: "file", bytes: Number(bytes), modifiedMs: Date.parse(`${day}T${time?.slice(0, 12)}${zone}`), text };
}

function unreadable(message: string): Looked {
  const codes = {
    "No such file": "ENOENT",
    "Permission denied": "EACCES",
    "Too many levels": "ELOOP",
    "Not a dir": "ENOTDIR",
  };
  const [, code = "EIO"] = Object.entries(codes).find(([words]) => message.includes(words)) ?? [];
  return code === "ENOENT" ? { kind: "none" } : { kind: "unreadable", code, message };
}

/** What came whole is told by its size: a connection that is cut ends the file as its end does. */
async function bring(session: Session, from: string, path: string, mode: number): Promise<void> {
  const [{ size }, aside, folder] = [await stat(from), word(`${path}.next`), word(dirname(path))];
  const whole = `[ "$(wc -c <${aside})" -eq ${size} ] || { echo "it did not come whole" >&2; exit 1; }`;
  const finish = `chmod ${mode.toString(8)} ${aside} && ${syncScript(`${path}.next`)} && ${placeScript(`${path}.next`, path)}`;
  const channel = await session.channel(
    `umask 077; mkdir -p -- ${folder} && cat >${aside} && { ${whole}; } && ${finish}`,
  );
  let stderr = "";
  channel.stderr.on("data", (part: Buffer) => (stderr += part.toString()));
  channel.resume();
  const code = new Promise<number>((resolve, reject) => {
    channel.once("exit", (code: number | null) => resolve(code ?? 1));
    channel.once("close", () => reject(unreachable(session.target, "the connection was lost")));
  });
  const sent = pipeline(createReadStream(from), channel.stdin).catch(() => undefined);
  const ended = Promise.all([code, sent]).then(([code]) =>
    check({ code, stdout: "", stderr }, path, session.target.name),
  );
  await session.bounded(ended, `waiting until ${path} is there`, bringMs, () => channel.close());
}
