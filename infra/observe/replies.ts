// Reads what a nats-server says of itself: the same data from the monitoring port and from `$SYS.REQ.SERVER.<id>.*`. Pure; it asks nobody.

import type { LinkSeen } from "../core/observation.ts";
import { isUser } from "../core/secrets.ts";

/** What /varz tells. */
export interface VarzSeen {
  readonly id: string;
  readonly name: string;
  readonly version: string | null;
  /** `config_digest`: of the config that it runs, included files and all. */
  readonly digest: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** Whether the running config names any server to link to. */
  readonly dials: boolean;
}

/** Whose answer it is, whatever was asked; null where it does not say. */
export function serverIdOf(data: unknown): string | null {
  return typeof data === "object" && data !== null ? text((data as { server_id?: unknown }).server_id) : null;
}

/** Reads /varz. @throws Error when it is not a nats-server's. */
export function readVarz(data: unknown): VarzSeen {
  const varz = record(data, "varz");
  const id = text(varz.server_id);
  if (id === null) throw new Error("the answer has no server_id: it is no nats-server");
  const { cluster, leaf } = varz as { cluster?: { urls?: unknown[] }; leaf?: { remotes?: unknown[] } };
  return {
    id,
    name: text(varz.server_name) ?? "",
    version: text(varz.version),
    digest: text(varz.config_digest),
    metadata: metadataOf(varz.metadata),
    dials: (cluster?.urls?.length ?? 0) > 0 || (leaf?.remotes?.length ?? 0) > 0,
  };
}

/** Reads /routez and /leafz: one entry a server and kind, connections counted. @throws Error when they are not a nats-server's. */
export function readLinks(routez: unknown, leafz: unknown): readonly LinkSeen[] {
  const routes = list(record(routez, "routez").routes).map((route) => ({
    id: text(route.remote_id) ?? "",
    name: text(route.remote_name) ?? "",
    kind: "route" as const,
  }));
  const leafs = list(record(leafz, "leafz").leafs).map((leaf) => ({
    id: "",
    name: text(leaf.name) ?? "",
    kind: "leaf" as const,
  }));
  const byEnd = Map.groupBy([...routes, ...leafs], ({ id, name, kind }) => `${kind} ${id || name}`);
  return [...byEnd.values()].map((same) => ({ ...(same[0] as (typeof same)[0]), entries: same.length }));
}

/**
 * Reads /connz?auth=1 of a dummy: whether a connection of `user` sent something in the last `silenceMs`, by the server's
 * own clock. `last_activity` moves with messages and subscriptions, not with pings; it starts as the time of the
 * connection, so a connection that never sent counts as silent. @throws Error when it is not a nats-server's.
 */
export function readPublishing(connz: unknown, user: string, silenceMs: number): boolean {
  const { now, connections } = record(connz, "connz");
  return list(connections).some((connection) => {
    const idle = Date.parse(text(now) ?? "") - Date.parse(text(connection.last_activity) ?? "");
    return isUser(text(connection.authorized_user) ?? "", user) && Number(connection.in_msgs) > 0 && idle <= silenceMs;
  });
}

function metadataOf(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

function record(data: unknown, what: string): Record<string, unknown> {
  if (typeof data === "object" && data !== null && !Array.isArray(data)) return data as Record<string, unknown>;
  throw new Error(`the answer to ${what} is not an object: it is no nats-server`);
}

function list(value: unknown): readonly Record<string, unknown>[] {
  return Array.isArray(value) ? (value as Record<string, unknown>[]) : [];
}

const text = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);
