// Looks at a server's files on its host: role file, pins file, base config. Reads only, and says what it cannot read.

import { createHash, X509Certificate } from "node:crypto";
import { fileNames, fileOf } from "../core/layout.ts";
import type { PinsFileSeen, RoleFileSeen } from "../core/observation.ts";
import { type Pin, parsePinsFile } from "../core/pins-file.ts";
import { parseRoleFile } from "../core/role-file.ts";
import { type PlacedDigests, textDigest } from "../hosts/applied.ts";
import type { Host, Looked } from "../hosts/host.ts";
import { readOwner } from "../hosts/owner-file.ts";

/** What is asked of a host here. */
type Files = Pick<Host, "look" | "read">;

/** What stands in a dummy's role file; everything but a file that natsby wrote whole is `broken`, with its path. */
export async function readRoleFile(host: Files, dataDir: string, dummy: string): Promise<RoleFileSeen> {
  const path = fileOf(dataDir, dummy, "role");
  const found = await read(host, path);
  if (found.text === null) return { state: "broken", problem: found.problem };
  const seen = parseRoleFile(found.text);
  return seen.state === "broken" ? { ...seen, problem: `${path}: ${seen.problem}` } : seen;
}

/** Whom an upstream's pins file lets in. */
export async function readPinsFile(host: Files, dataDir: string, upstream: string): Promise<PinsFileSeen> {
  const path = fileOf(dataDir, upstream, "pins");
  const found = await read(host, path);
  if (found.text === null) return { state: "broken", problem: found.problem };
  const pins = parsePinsFile(found.text);
  if (pins === null)
    return { state: "broken", problem: `${path} is not what natsby writes: cut short, or edited by hand` };
  const foreign = await withForeignKey(host, dataDir, pins);
  if (foreign.length > 0)
    return { state: "broken", problem: `${path} has another key than its own for ${foreign.join(", ")}` };
  return { state: "read", servers: [...new Set(pins.map(({ server }) => server))] };
}

/** Servers that are pinned by a key that is not theirs. While the secret is rotated each has a second one, of the other secret. */
async function withForeignKey(host: Files, dataDir: string, pins: readonly Pin[]): Promise<readonly string[]> {
  const own = new Map(await Promise.all(pins.map(async (pin) => [pin, await isOwnKey(host, dataDir, pin)] as const)));
  const isRotating = (await readOwner(host, dataDir).catch(() => null))?.next !== undefined;
  const keys = [...Map.groupBy(pins, ({ server }) => server)];
  const isForeign = (pin: Pin) => own.get(pin) === false;
  return keys.flatMap(([server, all]) => ((isRotating ? all.every(isForeign) : all.some(isForeign)) ? [server] : []));
}

/** Whether a pin is of the key in the server's certificate; null where that is on another host. */
async function isOwnKey(host: Files, dataDir: string, { server, fingerprint }: Pin): Promise<boolean | null> {
  try {
    const { publicKey } = new X509Certificate((await host.read(fileOf(dataDir, server, "certificate"))) ?? "");
    const key = publicKey.export({ type: "spki", format: "der" });
    return createHash("sha256").update(key).digest("hex") === fingerprint;
  } catch {
    return null;
  }
}

/** Whether the base config on disk is one of `asked`. */
export async function isBaseAsAsked(
  host: Files,
  dataDir: string,
  server: string,
  asked: readonly string[],
): Promise<boolean> {
  const { text } = await read(host, fileOf(dataDir, server, "base"));
  return text !== null && asked.includes(text);
}

/** Names of files that are not what was put there; none where no record says what that was. */
export async function editedFiles(
  host: Files,
  dataDir: string,
  server: string,
  placed: PlacedDigests | undefined,
): Promise<readonly string[]> {
  if (placed === undefined) return [];
  const names = ["keys", "lists"] as const;
  const found = await Promise.all(names.map((name) => read(host, fileOf(dataDir, server, name))));
  return names.flatMap((name, at) => (textDigest(found[at]?.text ?? "") === placed[name] ? [] : [fileNames[name]]));
}

type Found = { readonly text: string } | { readonly text: null; readonly problem: string };

async function read(host: Files, path: string): Promise<Found> {
  const [found] = await host.look([path]);
  if (found?.kind === "file" && found.text !== null && found.bytes > 0) return { text: found.text };
  return { text: null, problem: `${path} ${problemOf(found)}` };
}

function problemOf(found: Looked | undefined): string {
  if (found === undefined) return "was not looked at";
  if (found.kind === "folder") return "is a directory";
  if (found.kind === "other") return "is no regular file";
  if (found.kind === "unreadable") return reasons[found.code] ?? `cannot be read: ${found.message}`;
  if (found.kind !== "file") return reasons.ENOENT ?? "";
  return found.bytes === 0 ? "is empty" : `is ${found.bytes} bytes long: not what natsby writes`;
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "is missing",
  ENOTDIR: "is missing: a file stands where its folder should be",
  EACCES: "cannot be read by this user",
  ELOOP: "is a link to itself",
};
