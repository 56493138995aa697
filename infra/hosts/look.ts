// What stands at a path of this machine. Looks before it opens: a pipe in a file's place would be waited for without end.

import { readFile, stat } from "node:fs/promises";
import { messageOf } from "../core/errors.ts";
import { type Looked, maxLookedBytes } from "./host.ts";
import { codeOf } from "./text-file.ts";

/** Never rejects. */
export async function lookAt(path: string): Promise<Looked> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return { kind: "folder" };
    if (!found.isFile()) return { kind: "other" };
    const text = found.size > maxLookedBytes ? null : await readFile(path, "utf8");
    return { kind: "file", bytes: found.size, modifiedMs: found.mtimeMs, text };
  } catch (error) {
    if (codeOf(error) === "ENOENT") return { kind: "none" };
    return { kind: "unreadable", code: codeOf(error), message: messageOf(error) };
  }
}
