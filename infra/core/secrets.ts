// Everything secret is derived from the stack's `clusterSecret` (HKDF-SHA256), so rendering is a pure function of the config.

import { hkdfSync } from "node:crypto";

/** The stack's secret, and while it is rotated the one before it, which is accepted too. */
export type ClusterSecret = string | { readonly current: string; readonly previous: string };

/** Every secret that is accepted, the one to use first. */
export const secretsOf = (clusterSecret: ClusterSecret): readonly string[] =>
  typeof clusterSecret === "string" ? [clusterSecret] : [clusterSecret.current, clusterSecret.previous];

/** The secret to use. */
export const currentOf = (clusterSecret: ClusterSecret): string =>
  typeof clusterSecret === "string" ? clusterSecret : clusterSecret.current;

/** While it is rotated the secret before; else the only one. */
export const previousOf = (clusterSecret: ClusterSecret): string =>
  typeof clusterSecret === "string" ? clusterSecret : clusterSecret.previous;

/** The two config keys as one value; a previous secret that is the same is none. */
export const clusterSecretFrom = (current: string, previous: string | undefined): ClusterSecret =>
  previous === undefined || previous === current ? current : { current, previous };

/** Derives `bytes` bytes for one purpose; different labels give unrelated bytes. */
export function derive(clusterSecret: ClusterSecret, label: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync("sha256", currentOf(clusterSecret), "natsby/1", label, bytes));
}

/**
 * Password of `user` at `server`; the same user has another password at every server.
 * The one shared account, `subscriber`, is derived for the server name `upstreams`.
 */
export function passwordOf(clusterSecret: ClusterSecret, server: string, user: string): string {
  return derive(clusterSecret, `password/${server}/${user}`, 24).toString("base64url");
}

/** Names of the users natsby renders, as {@link userOf} completes them. `subscriber` is for people; the others are natsby's own. */
export const users = { system: "natsby", probe: "natsby-probe", subscriber: "subscriber" } as const;

/** Password of the one user that may only subscribe, at every upstream. */
export const subscriberPassword = (clusterSecret: ClusterSecret): string =>
  passwordOf(clusterSecret, "upstreams", users.subscriber);

/** Public name of the stack that holds this secret: tells its own files and processes from another stack's. */
export function instanceOf(clusterSecret: ClusterSecret): string {
  return derive(clusterSecret, "instance", 8).toString("hex");
}

/**
 * A user as it stands in configs. It ends in a mark of the secret, since a server has one password for a user, and a rotation
 * is a time in which the users of two secrets are let in.
 */
export const userOf = (clusterSecret: ClusterSecret, name: string): string =>
  `${name}.${instanceOf(clusterSecret).slice(0, 6)}`;

/** Whether a user that a server names is this one, of whatever secret. A name has no dot. */
export const isUser = (user: string, name: string): boolean => user.replace(/\.[0-9a-f]{6}$/, "") === name;
