// Refuses folders that Pulumi or a shell cannot work with, before anything is done there. Pure.

import { UserError } from "../../infra/core/errors.ts";

const reasons: readonly (readonly [RegExp, string])[] = [
  [/[#%?]/, "Pulumi opens its state as a file:// URL, and #, % and ? mean something else there"],
  [/:/, "a : ends an entry of PATH"],
  [/\p{Cc}/u, "Pulumi opens its state as a file:// URL, which holds no control character"],
];

/** Throws where this project's folder has a name that cannot work. */
export function refuseOddFolder(folder: string): void {
  const [, reason] = reasons.find(([pattern]) => pattern.test(folder)) ?? [];
  if (!reason) return;
  throw new UserError(`natsby cannot run in the folder ${JSON.stringify(folder)}: ${reason}.`, {
    code: "odd-folder",
    hint: "Move or rename the folder, then type npm start there.",
  });
}
