// Flags that several of the verbs take.

import { stackFlag } from "../stack.ts";

/** A publisher's or an upstream's name. */
export const nameFlag = (brief: string) => ({ kind: "parsed", parse: String, brief, placeholder: "who" }) as const;

/** Why: it goes into the history. */
export const reasonFlag = {
  kind: "parsed",
  parse: reasonText,
  brief: "Why, in a sentence: it goes into the history",
  placeholder: "why",
} as const;

export { stackFlag };

/** One line of at most 500 characters, as the config's `once.reason`. */
function reasonText(input: string): string {
  const text = input.trim();
  if (text.length === 0 || text.length > 500 || /\p{C}/u.test(text))
    throw new Error("a reason is one line of at most 500 characters");
  return text;
}
