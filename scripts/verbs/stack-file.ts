// The stack's config file as a verb changes it: whole or not at all, and never over somebody else's change.

import { realpath, stat } from "node:fs/promises";
import { basename } from "node:path";
import { UserError } from "../../infra/core/errors.ts";
import { type ConfigChanges, editStackConfig } from "../../infra/core/stack-config-edit.ts";
import { withLock } from "../../infra/hosts/lock.ts";
import { readText, writeText } from "../../infra/hosts/text-file.ts";

/** A config file and the text that it was seen with. */
export interface StackFile {
  readonly path: string;
  readonly project: string;
  readonly text: string;
}

const lockMs = 5_000;

/** Changes keys. @throws UserError exit 3 where the file is no longer what was seen. */
export async function changeFile(file: StackFile, changes: ConfigChanges): Promise<StackFile> {
  return replaceFile(file, editStackConfig(file.text, file.project, changes));
}

/** Puts another text in the file's place. @throws UserError exit 3 where the file is no longer what was seen. */
export async function replaceFile(file: StackFile, text: string): Promise<StackFile> {
  // Of a link, the file it leads to is replaced, not the link.
  const path = await realpath(file.path).catch(() => file.path);
  return withLock(path, lockMs, async () => {
    if ((await readText(path)) !== file.text) throw changed(file);
    if (text !== file.text) await writeText(path, text, (await stat(path)).mode & 0o777);
    return { ...file, text };
  });
}

function changed({ path }: StackFile): UserError {
  return new UserError(`stacks/${basename(path)} was changed by somebody else meanwhile: it is left as it is`, {
    code: "config-changed",
    hint: "look at it, then type the command again",
  });
}
