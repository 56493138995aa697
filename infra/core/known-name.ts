// A name that was typed, against those there are: a misspelt one is refused with what was meant.

import { UserError } from "./errors.ts";
import { nearest } from "./nearest.ts";

/** @throws UserError exit 3 that names the nearest known name, and all of them. */
export function refuseUnknown(name: string, known: readonly string[], what: string): void {
  if (known.includes(name)) return;
  const meant = nearest(name, known);
  throw new UserError(`the stack has no ${what} ${JSON.stringify(name)}${meant ? `; did you mean ${meant}?` : ""}`, {
    code: "no-such-name",
    hint: `there ${known.length === 1 ? "is" : "are"}: ${known.join(", ")}`,
  });
}
