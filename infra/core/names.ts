// Which names servers and publishers may have, and how a publisher's dummy is called.

import { users } from "./secrets.ts";

/** The longest name: a DNS label, so that it fits certificates, containers and hosts. */
export const longestName = 63;

/** Words that one YAML reader or another takes for something else than a text. */
const yamlWords = new Set(["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"]);

/** Names that natsby derives keys or passwords for itself. */
const reserved: ReadonlySet<string> = new Set([...Object.values(users), "ca", "upstreams"]);

/** Whether a name can stand in every place it is used: folder, server name, user, certificate, variable. */
export const isName = (name: string): boolean =>
  name.length <= longestName && /^[a-z][a-z0-9-]*$/.test(name) && !yamlWords.has(name);

/** Whether natsby uses the name for something of its own. */
export const isReserved = (name: string): boolean => reserved.has(name);

/** `publisher0` has `dummy-nats0`, as in the seed; any other X has `dummy-nats-X`: no two publishers share one. */
export function dummyNameOf(publisher: string): string {
  const number = /^publisher(\d+)$/.exec(publisher)?.[1];
  return number === undefined ? `dummy-nats-${publisher}` : `dummy-nats${number}`;
}
