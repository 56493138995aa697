// Everything secret is derived from the stack's `clusterSecret` (HKDF-SHA256), so rendering is a pure function of the config.

import { hkdfSync } from "node:crypto";

/** Derives `bytes` bytes for one purpose; different labels give unrelated bytes. */
export function derive(clusterSecret: string, label: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync("sha256", clusterSecret, "natsby/1", label, bytes));
}

/**
 * Password of `user` at `server`; the same user has another password at every server.
 * The one shared account, `subscriber`, is derived for the server name `upstreams`.
 */
export function passwordOf(clusterSecret: string, server: string, user: string): string {
  return derive(clusterSecret, `password/${server}/${user}`, 24).toString("base64url");
}

/** Names of the users natsby renders. `subscriber` is for people; the others are natsby's own. */
export const users = { system: "natsby", probe: "natsby-probe", subscriber: "subscriber" } as const;

/** Password of the one user that may only subscribe, at every upstream. */
export const subscriberPassword = (clusterSecret: string): string =>
  passwordOf(clusterSecret, "upstreams", users.subscriber);

/** Public name of the stack that holds this secret: tells its own files and processes from another stack's. */
export function instanceOf(clusterSecret: string): string {
  return derive(clusterSecret, "instance", 8).toString("hex");
}
