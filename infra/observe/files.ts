// Looks at a server's files on this machine: role file, pins file, base config. Reads only, and says what it cannot read.

import { createHash, X509Certificate } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { fileOf } from "../core/layout.ts";
import type { PinsFileSeen, RoleFileSeen } from "../core/observation.ts";
import { type Pin, parsePinsFile } from "../core/pins-file.ts";
import { parseRoleFile } from "../core/role-file.ts";

/** Far more than natsby ever writes into one of these. */
const maxBytes = 1024 * 1024;

/** What stands in a dummy's role file; everything but a file that natsby wrote whole is `broken`, with its path. */
export async function readRoleFile(dataDir: string, dummy: string): Promise<RoleFileSeen> {
  const path = fileOf(dataDir, dummy, "role");
  const found = await read(path);
  if (found.text === null) return { state: "broken", problem: found.problem };
  const seen = parseRoleFile(found.text);
  return seen.state === "broken" ? { ...seen, problem: `${path}: ${seen.problem}` } : seen;
}

/** Whom an upstream's pins file lets in. */
export async function readPinsFile(dataDir: string, upstream: string): Promise<PinsFileSeen> {
  const path = fileOf(dataDir, upstream, "pins");
  const found = await read(path);
  if (found.text === null) return { state: "broken", problem: found.problem };
  const pins = parsePinsFile(found.text);
  if (pins === null)
    return { state: "broken", problem: `${path} is not what natsby writes: cut short, or edited by hand` };
  const own = await Promise.all(pins.map((pin) => isOwnKey(dataDir, pin)));
  const foreign = pins.filter((_, index) => own[index] === false).map(({ server }) => server);
  if (foreign.length > 0)
    return { state: "broken", problem: `${path} has another key than its own for ${foreign.join(", ")}` };
  return { state: "read", servers: pins.map(({ server }) => server) };
}

/** Whether a pin is of the key in the server's certificate; null where that is not on this machine. */
async function isOwnKey(dataDir: string, { server, fingerprint }: Pin): Promise<boolean | null> {
  try {
    const { publicKey } = new X509Certificate(await readFile(fileOf(dataDir, server, "certificate")));
    const key = publicKey.export({ type: "spki", format: "der" });
    return createHash("sha256").update(key).digest("hex") === fingerprint;
  } catch {
    return null;
  }
}

/** Whether the base config on disk is one of `asked`. */
export async function isBaseAsAsked(dataDir: string, server: string, asked: readonly string[]): Promise<boolean> {
  const { text } = await read(fileOf(dataDir, server, "base"));
  return text !== null && asked.includes(text);
}

type Found = { readonly text: string } | { readonly text: null; readonly problem: string };

/** Looks before it opens: a pipe in a file's place would be waited for without end. */
async function read(path: string): Promise<Found> {
  try {
    const { size, ...kind } = await stat(path).then((found) => ({
      size: found.size,
      file: found.isFile(),
      directory: found.isDirectory(),
    }));
    if (kind.directory) return { text: null, problem: `${path} is a directory` };
    if (!kind.file) return { text: null, problem: `${path} is no regular file` };
    if (size === 0) return { text: null, problem: `${path} is empty` };
    if (size > maxBytes) return { text: null, problem: `${path} is ${size} bytes long: not what natsby writes` };
    return { text: await readFile(path, "utf8") };
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    return { text: null, problem: `${path} ${reasons[code] ?? `cannot be read: ${message}`}` };
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "is missing",
  ENOTDIR: "is missing: a file stands where its folder should be",
  EACCES: "cannot be read by this user",
  ELOOP: "is a link to itself",
};
