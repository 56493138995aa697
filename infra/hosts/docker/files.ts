// The files of a stack in its volume, by natsby-helper in the container that holds it: whole or not at all, synced.

import { open } from "node:fs/promises";
import { type Host, type Looked, maxLookedBytes } from "../host.ts";
import { unwritable } from "../text-file.ts";
import { type Helper, HelperError, orNothing } from "./helper.ts";

const chunkBytes = 512 * 1024;

/** The part of the port that is about files. */
export function filesThere(helper: Helper) {
  return {
    read: (path) => orNothing(null, helper.ask<string | null>("read", { path })),
    look: (paths) =>
      orNothing(
        paths.map(() => ({ kind: "none" as const })),
        helper.ask<readonly Looked[]>("look", { paths, limit: maxLookedBytes }),
      ),
    list: (path) => orNothing([], helper.ask<readonly string[]>("list", { path })),
    makeFolder: (path) => helper.ask("mkdir", { path }),
    write: (path, text, mode) => told(path, () => helper.ask("write", { path, text, mode })),
    remove: (path) => helper.ask("remove", { path }),
    move: (path, to) => helper.ask("move", { path, to }),
    append: (path, text) => helper.ask("append", { path, text }),
    async bring(file, to, mode) {
      await using source = await open(file);
      const { size } = await source.stat();
      const path = `${to}.next`;
      for (let at = 0; at === 0 || at < size; at += chunkBytes) {
        const { buffer, bytesRead } = await source.read(Buffer.alloc(chunkBytes), 0, chunkBytes, at);
        const data = buffer.subarray(0, bytesRead).toString("base64");
        const last = at + chunkBytes >= size ? { to } : {};
        await told(to, () => helper.ask("chunk", { path, data, mode, first: at === 0, ...last }));
      }
    },
  } satisfies Partial<Host>;
}

/** What is in the way is told as the user's to mend. */
export async function told<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof HelperError ? unwritable(path, error) : error;
  }
}
