// Changes keys in the text of a stack's config file: what `pulumi config set` would leave, comments and layout kept. Touches no secret.

import { type Document, isMap, isScalar, parseDocument, type YAMLMap } from "yaml";

/** New values by short name: texts and numbers, lists, mappings; undefined takes a key away. */
export type ConfigChanges = Readonly<Record<string, unknown>>;

/** The text with these keys of the project changed. Throws where it is no mapping (a bug: it was read before). */
export function editStackConfig(text: string, project: string, changes: ConfigChanges): string {
  const document = parseDocument(text);
  if (document.get("config") === undefined) document.set("config", document.createNode({}));
  const config = document.get("config");
  if (!isMap(config)) throw new Error("config is no mapping");
  for (const [key, value] of Object.entries(changes)) change(document, config, fullKey(config, project, key), value);
  return document.toString({ lineWidth: 0 });
}

/** The text with one value within a mapping of the config changed, what stands around it kept: `["hosts", "web1", "hostKey"]`. */
export function editInStackConfig(
  text: string,
  project: string,
  [key, ...path]: readonly string[],
  value: string,
): string {
  const document = parseDocument(text);
  const config = document.get("config");
  if (!isMap(config) || key === undefined) throw new Error("config is no mapping");
  config.setIn([fullKey(config, project, key), ...path], value);
  return document.toString({ lineWidth: 0 });
}

/** The key as the file writes it; a new one carries the namespace. */
function fullKey(config: YAMLMap, project: string, key: string): string {
  const forms = [`${project}:${key}`, `${project}:config:${key}`, key];
  return forms.find((form) => config.has(form)) ?? `${project}:${key}`;
}

function change(document: Document, config: YAMLMap, key: string, value: unknown): void {
  if (value === undefined) {
    config.delete(key);
    return;
  }
  const told = typeof value === "number" || typeof value === "boolean" ? String(value) : value;
  const old = config.get(key, true);
  // The node stays where it is a plain value: its comment stays with it.
  if (isScalar(old) && typeof told === "string") old.value = told;
  else config.set(key, document.createNode(told));
}
