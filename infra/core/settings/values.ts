// The kinds of values a config holds, as schemas whose messages say what to write instead. Knows no key.

import * as v from "valibot";
import { nearest } from "../nearest.ts";

/** The longest text a setting may have. */
const longestText = 300;

/** A text of which `ok` is true. */
export const text = (ok: (value: string) => boolean, message: string) =>
  v.custom<string>((value) => typeof value === "string" && ok(value), message);

/** One of some words; another one is answered with the nearest. */
export const oneOf = <const Words extends readonly string[]>(words: Words) =>
  v.picklist(words, ({ input }) => {
    const meant = typeof input === "string" ? nearest(input, words) : null;
    return `${meant === null ? "" : `(${meant}?) `}is none of: ${words.join(", ")}`;
  });

/** A whole number, as a number or, as `pulumi config set` leaves it, as digits. */
export const integer = (least: number, most: number, what = "a whole number") =>
  v.pipe(
    v.unknown(),
    v.transform((value) => (typeof value === "string" && /^-?\d{1,16}$/.test(value) ? Number(value) : value)),
    v.custom<number>(
      (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
      `is not ${what} from ${least} to ${most}`,
    ),
  );

/** How long something may take. */
export const milliseconds = (least = 1) => integer(least, 600_000, "a whole number of milliseconds");

/** true or false, and nothing that only looks like it. */
export const flag = v.pipe(
  v.unknown(),
  v.transform((value) => (value === "true" ? true : value === "false" ? false : value)),
  v.boolean("is not true or false: write one of these two words"),
);

/** What a program receives: `pulumi config set --path` makes a number or boolean of what looks like one. */
export const argument = v.pipe(
  v.unknown(),
  v.transform((value) => (typeof value === "boolean" || Number.isSafeInteger(value) ? String(value) : value)),
  text((value) => !value.includes("\0"), "is not a text without a zero byte: put it in quotes"),
);

/** A sentence of a person. */
export const sentence = text(
  (value) => value.trim() !== "" && value.length <= longestText && !/\p{C}/u.test(value),
  `is not one line of 1 to ${longestText} characters`,
);

/** A list of at least `least` and at most `most`. */
export const listOf = <Item extends v.GenericSchema>(item: Item, least: number, most: number, example: string) =>
  v.pipe(
    v.array(item, `is not a list: write it as ${example}`),
    v.rawCheck(({ dataset, addIssue }) => {
      const length = Array.isArray(dataset.value) ? dataset.value.length : least;
      if (length < least) addIssue({ message: `has too few entries: at least ${least}, as in ${example}` });
      if (length > most) addIssue({ message: `has too many entries: at most ${most}` });
    }),
  );

/** A mapping with these keys and no other. */
export const mapping = <const Entries extends v.ObjectEntries>(entries: Entries, example: string) =>
  v.pipe(
    v.custom<Record<string, unknown>>(isMapping, `is not a mapping: write it as ${example}`),
    v.looseObject(entries, "is missing"),
    v.rawCheck(({ dataset, addIssue }) => {
      const value: Record<string, unknown> = isMapping(dataset.value) ? dataset.value : {};
      for (const key of Object.keys(value).filter((key) => !Object.hasOwn(entries, key))) {
        const message = unknownKey(key, Object.keys(entries));
        addIssue({
          message,
          input: undefined,
          path: [{ type: "object", origin: "key", input: value, key, value: value[key] }],
        });
      }
    }),
  );

/** A mapping whose keys are free. */
export const anyMapping = (example: string) =>
  v.custom<Record<string, unknown>>(isMapping, `is not a mapping: write it as ${example}`);

/** What is said of a key that nothing knows. */
export function unknownKey(key: string, known: readonly string[]): string {
  const meant = nearest(key, known);
  return meant === null
    ? `is not a setting; there are ${known.join(", ")}`
    : `is not a setting; did you mean ${meant}?`;
}

export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
