// How a host is reached over SSH, and what is said where it is not. Opens no connection.

import { createHash } from "node:crypto";
import { messageOf, UserError } from "../../core/errors.ts";

/** A host, and who natsby is there. */
export interface SshTarget {
  /** Name in `hosts` of the config. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** Its public host key, as in known_hosts: `ssh-ed25519 AAAA…`. Always checked. */
  readonly hostKey: string;
  /** In memory only. @default the keys of the agent at `agent` */
  readonly privateKey?: string;
  /** Socket of an agent. @default $SSH_AUTH_SOCK */
  readonly agent?: string;
  /** The host that the connection goes through. @default none */
  readonly jump?: SshTarget;
}

/** As `ssh-keygen -l` prints it. `hostKey` as in known_hosts. */
export function fingerprintOf(hostKey: string): string {
  const [, key = ""] = hostKey.trim().split(/\s+/);
  return `SHA256:${createHash("sha256").update(Buffer.from(key, "base64")).digest("base64").replace(/=+$/, "")}`;
}

const where = ({ name, user, address, port }: SshTarget): string => `${name} (${user}@${address} port ${port})`;

/** Nothing is known of the host. `what` says what was waited for. */
export function unreachable(target: SshTarget, what: string, cause?: unknown): UserError {
  const { address, port, user } = target;
  return new UserError(`host ${where(target)} cannot be reached: ${what}`, {
    code: "host-unreachable",
    hint: `ssh -p ${port} ${user}@${address} true; natsby doctor looks at every host`,
    cause,
  });
}

/** Somebody else answers there, or the host has a new key. `seen` as in known_hosts. */
export function otherKey(target: SshTarget, seen: string | null): UserError {
  const shown = seen === null ? "no key of that type" : `${seen.split(" ")[0]} ${fingerprintOf(seen)}`;
  const [type = ""] = target.hostKey.split(" ");
  const wanted = `${type} ${fingerprintOf(target.hostKey)}`;
  return new UserError(`host ${where(target)} shows ${shown}; the stack's config has ${wanted}`, {
    code: "host-key",
    hint: `if it was set up anew: natsby hosts scan ${target.name}; else find out who answers there`,
  });
}

/** It does not let natsby in. */
export function refusedLogin(target: SshTarget, why: string): UserError {
  return new UserError(`host ${where(target)} does not let natsby in: ${why}`, {
    code: "host-login",
    hint: `pulumi config set --secret --path 'sshPrivateKeys["${target.name}"]' < key, or ssh-add; its public half belongs into ${target.user}'s authorized_keys there`,
  });
}

/** What ssh2 says of a connection that failed, in natsby's words. */
export function failedConnection(target: SshTarget, error: unknown): UserError {
  if (error instanceof UserError) return error;
  const { level, code } = error as { level?: string; code?: string };
  const message = messageOf(error);
  if (level === "client-authentication") return refusedLogin(target, "no key of natsby's is accepted");
  if (level === "agent") return refusedLogin(target, `its agent ($SSH_AUTH_SOCK) does not help: ${message}`);
  if (/no matching host key/i.test(message)) return otherKey(target, null);
  if (/parse privateKey|Encrypted .*private/i.test(message)) return refusedLogin(target, message);
  return unreachable(target, reasons[code ?? ""] ?? message, error);
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nobody listens there",
  ENOTFOUND: "there is no such name",
  EHOSTUNREACH: "there is no way there",
  ENETUNREACH: "there is no way there",
  ECONNRESET: "it hung up",
};
