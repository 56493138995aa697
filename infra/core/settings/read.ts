// Reads each key of a config by itself, so that a problem with one hides none of another's.

import * as v from "valibot";
import type { StackConfig } from "../stack-config.ts";
import { type Draft, type Key, keySchemas, secretKeyNames, structuredKeys } from "./keys.ts";
import { type Problem, pathOf, shown } from "./problem.ts";
import { isMapping, unknownKey } from "./values.ts";

/** What could be read, and what is wrong with the rest. */
export interface Reading {
  readonly draft: Draft;
  readonly problems: readonly Problem[];
}

/** Reads every key, known or not. */
export function readKeys({ values, secretKeys }: StackConfig): Reading {
  const problems = Object.keys(values).flatMap((key) => keyProblems(key, values, secretKeys.has(key)));
  const draft: Partial<Record<Key, unknown>> = {};
  for (const key of Object.keys(keySchemas) as Key[]) {
    const reading = secretKeys.has(key) ? readSecret(key, values) : readKey(key, values);
    if ("value" in reading) draft[key] = reading.value;
    problems.push(...reading.problems);
  }
  return { draft: draft as Draft, problems };
}

type KeyReading = { readonly value?: unknown; readonly problems: readonly Problem[] };

function keyProblems(key: string, values: StackConfig["values"], isSecret: boolean): Problem[] {
  if (Object.hasOwn(keySchemas, key)) return isSecret ? [] : forbiddenKeys(decoded(key, values[key]), [key]);
  const head = /^[^.[]+(?=[.[])/.exec(key)?.[0] ?? "";
  const text = Object.hasOwn(keySchemas, head)
    ? `is one key with this whole name: take it away with pulumi config rm, and set it with pulumi config set --path`
    : unknownKey(key, Object.keys(keySchemas));
  return [{ path: pathOf([key]), text }];
}

/** Keys that JavaScript gives a meaning of its own: a schema would silently pass over them. */
function forbiddenKeys(value: unknown, path: readonly (string | number)[]): Problem[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => forbiddenKeys(item, [...path, index]));
  if (!isMapping(value)) return [];
  return Object.keys(value).flatMap((key) =>
    /^(__proto__|prototype|constructor)$/.test(key)
      ? [{ path: pathOf([...path, key]), text: "is not a key that can be used" }]
      : forbiddenKeys(value[key], [...path, key]),
  );
}

/** A secret's value is looked at for nothing but its length, by the rules, and never shown. */
function readSecret(key: Key, values: StackConfig["values"]): KeyReading {
  if (secretKeyNames.has(key)) return { value: values[key], problems: [] };
  const text = `holds a secret, so Pulumi hides all of it: only ${[...secretKeyNames].join(", ")} may be secret`;
  return { problems: [{ path: key, text }] };
}

function readKey(key: Key, values: StackConfig["values"]): KeyReading {
  const given = Object.hasOwn(values, key) ? values[key] : undefined;
  if (given === null || given === "")
    return { problems: [{ path: key, text: "has no value: give it one, or take the line away" }] };
  const result = v.safeParse(keySchemas[key], decoded(key, given));
  if (result.success) return { value: result.output, problems: [] };
  return { problems: result.issues.map((issue) => problemOf(key, issue)) };
}

const decoded = (key: string, given: unknown): unknown => (structuredKeys.has(key) ? decode(given) : given);

/** `pulumi config set` without `--path` leaves JSON text; so does Pulumi when it hands a list to the program. */
export function decode(given: unknown): unknown {
  if (typeof given !== "string") return given;
  try {
    return JSON.parse(given);
  } catch {
    return given;
  }
}

function problemOf(key: Key, issue: v.BaseIssue<unknown>): Problem {
  const path = pathOf([key, ...(issue.path ?? []).map((item) => item.key as string | number)]);
  return { path, text: issue.input === undefined ? issue.message : `${shown(issue.input)} ${issue.message}` };
}
