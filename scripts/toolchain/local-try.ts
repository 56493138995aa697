// The state of a local try: a file backend and a passphrase of its own below the project. Never sees another backend.

import { randomBytes } from "node:crypto";
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { passphraseFile, runtimeDir, stateDir, type Variables } from "./paths.ts";

/**
 * The local try's backend, as Pulumi names it. Without the file of metadata that its library writes beside each file and
 * reads: it is not written whole or not at all, and a Pulumi killed there leaves a state that none can load (`EOF`).
 * Source: gocloud.dev/blob/fileblob, `metadata`.
 */
export const localBackend = `file://${stateDir}?metadata=skip`;

/** Whether the local try's backend is to be used: where the user named or chose no other. */
export function isLocalTry(env: Variables, pulumiHome: string): boolean {
  const named = env.PULUMI_BACKEND_URL;
  if (named) return isNatsbyBackend(named);
  if (env.PULUMI_ACCESS_TOKEN) return false;
  const login = currentLogin(pulumiHome);
  return !login || isNatsbyBackend(login);
}

/** Whether the user gave a passphrase of his own; an empty one counts. */
export function hasOwnPassphrase(env: Variables): boolean {
  const { PULUMI_CONFIG_PASSPHRASE: given, PULUMI_CONFIG_PASSPHRASE_FILE: file } = env;
  return given !== undefined || (Boolean(file) && !file?.endsWith("/.natsby/passphrase"));
}

/** Another clone's local try, left in this shell by its `natsby env`, is no choice of the user's. */
const isNatsbyBackend = (url: string): boolean => /^file:\/\/.*\/\.natsby\/state(\?.*)?$/.test(url);

/** What `pulumi login` last chose in this home. */
function currentLogin(pulumiHome: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(join(pulumiHome, "credentials.json"), "utf8")) as { current?: string }).current;
  } catch {
    return undefined;
  }
}

/** Makes the state folder and the passphrase where they are missing. What is there is never changed. */
export function prepareLocalTry(): void {
  mkdirSync(stateDir, { recursive: true });
  chmodSync(runtimeDir, 0o700);
  const draft = `${passphraseFile}.${process.pid}`;
  writeFileSync(draft, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600 });
  try {
    // A link makes the whole file appear or fails: two at once agree on one passphrase.
    linkSync(draft, passphraseFile);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}
