// Where an image is built from: a folder of this checkout that the set-up made, and what tells one image from the next.

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { UserError } from "../../core/errors.ts";

const root = join(import.meta.dirname, "../../..");

/** @throws UserError where the set-up has not been here. */
export function imageContext(
  kind: string,
  buildArgs: Readonly<Record<string, string>> = {},
): { readonly context: string; readonly digest: string } {
  const folder = join(root, ".natsby/images", kind);
  if (!existsSync(`${folder}.digest`)) {
    throw new UserError(`the image ${kind} is not prepared in this checkout`, {
      code: "tool-missing",
      hint: "npx natsby env prepares it",
    });
  }
  const digest = readFileSync(`${folder}.digest`, "utf8").trim();
  const args = Object.values(buildArgs);
  const both =
    args.length === 0
      ? digest
      : createHash("sha256")
          .update([digest, ...args].join("\0"))
          .digest("hex");
  return { context: relative(process.cwd(), folder), digest: both.slice(0, 16) };
}
