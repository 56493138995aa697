// The two roads by which a stack's config comes to natsby: what Pulumi hands to the program, and the stack's file itself.

import { isMap, isPair, isScalar, isSeq, parseDocument, visit } from "yaml";
import { configError, type Problem, pathOf, shown } from "./settings/problem.ts";
import { isMapping } from "./settings/values.ts";

/** A stack's config before it is read: the project's own keys, without the namespace. */
export interface StackConfig {
  readonly project: string;
  readonly stack: string;
  /** Texts (from Pulumi: a list or mapping is JSON) or typed values (from a stack's file). */
  readonly values: Readonly<Record<string, unknown>>;
  /** Keys whose value, or a part of it, is a secret. */
  readonly secretKeys: ReadonlySet<string>;
  /** What is wrong with it already. */
  readonly problems: readonly Problem[];
}

/** Which stack it is. */
export interface StackName {
  readonly project: string;
  readonly stack: string;
}

/** What `pulumi.runtime.allConfig()` gives, with the full names of the keys that are secret. */
export function configFromPulumi(
  name: StackName,
  all: Readonly<Record<string, string>>,
  secretKeys: Iterable<string>,
): StackConfig {
  const own = Object.entries(all).flatMap(([key, value]) => {
    const short = withoutNamespace(key, name.project);
    return short === null ? [] : [[short, value] as const];
  });
  const secrets = [...secretKeys].flatMap((key) => withoutNamespace(key, name.project) ?? []);
  return { ...name, values: Object.fromEntries(own), secretKeys: new Set(secrets), problems: [] };
}

/** What stands in `stacks/Pulumi.<stack>.yaml`; throws where it is not YAML. Secrets stay encrypted. */
export function configFromFile(name: StackName, text: string): StackConfig {
  const document = parseDocument(text, { merge: true });
  const [error] = document.errors;
  if (error !== undefined) throw notYaml(name.stack, error.message);
  const problems = ambiguousScalars(document, name.project);
  const root = toPlain(document, name.stack);
  const config = isMapping(root) && isMapping(root.config) ? root.config : {};
  const own = Object.entries(config).flatMap(([key, value]) => {
    const short = withoutNamespace(key, name.project);
    return short === null ? [] : [[short, value] as const];
  });
  const secretKeys = new Set(own.filter(([, value]) => holdsSecret(value)).map(([key]) => key));
  return { ...name, values: Object.fromEntries(own), secretKeys, problems };
}

/** `natsby:key`, the old `natsby:config:key`, and a key without a namespace are the project's own. */
function withoutNamespace(key: string, project: string): string | null {
  const rest = key.startsWith(`${project}:`) ? key.slice(project.length + 1) : key;
  if (rest === key) return key.includes(":") ? null : key;
  return rest.startsWith("config:") ? rest.slice("config:".length) : rest;
}

/** Pulumi writes an encrypted value as a mapping with the one key `secure`. */
function holdsSecret(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(holdsSecret);
  if (!isMapping(value)) return false;
  const keys = Object.keys(value);
  return (keys.length === 1 && typeof value.secure === "string") || keys.some((key) => holdsSecret(value[key]));
}

/** Pulumi's YAML reader makes 18 of `022`, 1000 of `1_000` and a time of `2026-01-01`; this one does not. */
const ambiguous = /^[-+]?0\d+$|^[-+]?[\d.]+(_[\d.]*)+$|^\d{4}-\d\d?-\d\d?([Tt\s].*)?$/;

function ambiguousScalars(document: ReturnType<typeof parseDocument>, project: string): readonly Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Scalar(where, node, parents) {
      if (where === "key" || node.type !== "PLAIN" || !ambiguous.test(node.source ?? "")) return;
      const [root, key, ...deeper] = keysTo([...parents, node]);
      const short = root === "config" ? withoutNamespace(String(key), project) : null;
      const text = `${shown(node.source)} is read in two ways by two YAML readers: put it in quotes, or write it plainly`;
      if (short !== null) problems.push({ path: pathOf([short, ...deeper]), text });
    },
  });
  return problems;
}

/** Keys and indexes on the way down to the last of these nodes. */
function keysTo(nodes: readonly unknown[]): (string | number)[] {
  return nodes.flatMap((node, index): (string | number)[] => {
    if (isPair(node)) return [isScalar(node.key) ? String(node.key.value) : "?"];
    return isSeq(node) ? [node.items.indexOf(nodes[index + 1])] : [];
  });
}

function toPlain(document: ReturnType<typeof parseDocument>, stack: string): unknown {
  if (document.contents !== null && !isMap(document.contents)) throw notYaml(stack, "it is not a mapping");
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw notYaml(stack, error instanceof Error ? error.message : String(error));
  }
}

function notYaml(stack: string, reason: string) {
  const text = `cannot be read: ${reason.split("\n")[0] ?? ""}`;
  return configError(stack, [{ path: `stacks/Pulumi.${stack}.yaml`, text }]);
}
