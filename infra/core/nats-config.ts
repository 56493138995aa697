// The nats-server config language, written: the only place that quotes. It knows syntax and nothing of natsby.

/** Refers to a variable that an included file sets. */
export interface Variable {
  readonly variable: string;
}

/** What a config key can hold. */
export type Value =
  | string
  | number
  | boolean
  | Variable
  | readonly Value[]
  | { readonly [key: string]: Value | undefined };

/** `$name` in the config. */
export const variable = (name: string): Variable => ({ variable: name });

/** Renders top-level keys, a line each; keys whose value is undefined are left out. */
export function renderConfig(entries: { readonly [key: string]: Value | undefined }): string {
  return present(entries)
    .map(([key, value]) => `${key}: ${render(value, "")}\n`)
    .join("");
}

/** `include` lines, to stand before the keys that use what they set. */
export const renderIncludes = (files: readonly string[]): string =>
  files.map((file) => `include ${quote(file)}\n`).join("");

/** A string in double quotes: nothing in it is ever a variable, a number, a boolean or a comment. */
export function quote(text: string): string {
  const escaped = text.replace(/[\\"\n\r\t]/g, (character) => escapes[character] ?? character);
  return `"${escaped.replace(controls, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`)}"`;
}

const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t" };
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what must be escaped
const controls = /[\x00-\x1f\x7f]/g;

function render(value: Value, indent: string): string {
  if (typeof value === "string") return quote(value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return renderList(value, indent);
  if (isVariable(value)) return `$${value.variable}`;
  return renderBlock(value as { readonly [key: string]: Value | undefined }, indent);
}

function renderList(values: readonly Value[], indent: string): string {
  if (values.length === 0) return "[]";
  const deeper = `${indent}  `;
  return `[\n${values.map((value) => `${deeper}${render(value, deeper)}\n`).join("")}${indent}]`;
}

function renderBlock(block: { readonly [key: string]: Value | undefined }, indent: string): string {
  const deeper = `${indent}  `;
  const lines = present(block).map(([key, value]) => `${deeper}${key}: ${render(value, deeper)}\n`);
  return `{\n${lines.join("")}${indent}}`;
}

function present(entries: { readonly [key: string]: Value | undefined }): [string, Value][] {
  return Object.entries(entries).filter((entry): entry is [string, Value] => entry[1] !== undefined);
}

function isVariable(value: Value): value is Variable {
  return typeof value === "object" && "variable" in value && typeof value.variable === "string";
}
