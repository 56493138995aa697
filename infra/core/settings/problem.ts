// What is wrong with a stack's config: each problem with its path, all of them in one error.

import { UserError } from "../errors.ts";

/** One thing to mend. */
export interface Problem {
  /** `publishers[1].name`. */
  readonly path: string;
  /** Value, what is wrong with it, and what to write instead. */
  readonly text: string;
}

/** The one error that lists all problems, a line each. */
export function configError(stack: string, problems: readonly Problem[]): UserError {
  const count = problems.length === 1 ? "a problem" : `${problems.length} problems`;
  const lines = problems.map(({ path, text }) => `  ${path}: ${text}`);
  return new UserError(`The config of stack ${shownWord(stack)} has ${count}:\n${lines.join("\n")}`, {
    code: "config",
    hint: `Mend stacks/Pulumi.${shownWord(stack)}.yaml, or use pulumi config set. Nothing was changed.`,
  });
}

/** Joins keys and indexes as they are written in `pulumi config set --path`. */
export function pathOf(keys: readonly (string | number)[]): string {
  return keys.reduce<string>((path, key) => {
    if (typeof key === "number") return `${path}[${key}]`;
    if (!/^[\w-]{1,80}$/.test(key)) return path === "" ? shown(key) : `${path}[${shown(key)}]`;
    return path === "" ? key : `${path}.${key}`;
  }, "");
}

/** A value on one line, cut where it is long, with nothing in it that a terminal would obey. */
export function shown(value: unknown): string {
  const text = asJson(value);
  const short = [...text].length > 60 ? `${[...text].slice(0, 57).join("")}…` : text;
  return short.replace(/[\p{C}\u2028\u2029]/gu, escaped);
}

function asJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return "a value that contains itself";
  }
}

function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16) ?? ""}}`;
}

/** A name without quotes where it is plain. */
function shownWord(word: string): string {
  return /^[\w.-]{1,100}$/.test(word) ? word : shown(word);
}
