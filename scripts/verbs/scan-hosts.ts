// The keys that hosts of a config show, beside those that the config has. Logs in to jump hosts alone, and only to known ones.

import { messageOf, UserError } from "../../infra/core/errors.ts";
import { nearest } from "../../infra/core/nearest.ts";
import { decode } from "../../infra/core/settings/read.ts";
import { configFromFile, type StackName } from "../../infra/core/stack-config.ts";
import { shownHostKey } from "../../infra/hosts/ssh/scan.ts";
import { fingerprintOf, type SshTarget } from "../../infra/hosts/ssh/target.ts";
import type { HostKeys } from "../../infra/hosts/stack-hosts.ts";

/** A host of a config that may lack its key yet. */
export interface HostToScan {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly hostKey: string | null;
  readonly jump: string | null;
}

/** What it shows. */
export interface Scanned extends HostToScan {
  /** Null where it could not be had. */
  readonly key: string | null;
  readonly fingerprint: string | null;
  /** Beside what the config has. */
  readonly state: "new" | "same" | "changed" | "unknown";
  /** Why it is unknown. */
  readonly error: string | null;
}

/** @throws UserError where the config names none. */
export function hostsToScan(name: StackName, text: string): readonly HostToScan[] {
  const given = decode(configFromFile(name, text).values.hosts);
  const entries = typeof given === "object" && given !== null ? Object.entries(given) : [];
  const hosts = entries.flatMap(([name, host]) => {
    const { address, port = 22, user = "root", hostKey = null, jump = null } = (host ?? {}) as Partial<HostToScan>;
    return typeof address === "string" ? [{ name, address, port: Number(port), user, hostKey, jump }] : [];
  });
  if (hosts.length > 0) return hosts;
  throw new UserError(`stack ${name.stack} has no host with an address`, {
    code: "config",
    hint: "pulumi config set --path hosts.web1.address 192.0.2.1",
  });
}

/** Looks at all at once. @throws UserError where `names` has one that is none. */
export async function scanHosts(
  all: readonly HostToScan[],
  names: readonly string[],
  keysOf: () => Promise<HostKeys>,
): Promise<readonly Scanned[]> {
  const known = all.map(({ name }) => name);
  const stranger = names.find((name) => !known.includes(name));
  if (stranger !== undefined) {
    const meant = nearest(stranger, known);
    const hint = meant === null ? `there are ${known.join(", ")}` : `did you mean ${meant}?`;
    throw new UserError(`${JSON.stringify(stranger)} is none of the config's hosts`, { code: "config", hint });
  }
  const wanted = names.length > 0 ? all.filter(({ name }) => names.includes(name)) : all;
  const keys = wanted.some(({ jump }) => jump !== null) ? await keysOf() : {};
  return Promise.all(wanted.map((host) => scan(host, all, keys)));
}

async function scan(host: HostToScan, all: readonly HostToScan[], keys: HostKeys): Promise<Scanned> {
  const { hostKey, jump, ...own } = host;
  try {
    const key = await shownHostKey({ ...own, ...(jump === null ? {} : { jump: jumpOf(jump, all, keys, []) }) });
    const state = hostKey === null ? "new" : key === hostKey.trim() ? "same" : "changed";
    return { ...host, key, fingerprint: fingerprintOf(key), state, error: null };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { ...host, key: null, fingerprint: null, state: "unknown", error: messageOf(error) };
  }
}

function jumpOf(name: string, all: readonly HostToScan[], keys: HostKeys, way: readonly string[]): SshTarget {
  const found = all.find((host) => host.name === name);
  if (found === undefined || way.includes(name)) throw new UserError(`jump ${name} leads nowhere`, { code: "config" });
  const { hostKey, jump, ...own } = found;
  if (hostKey === null) throw new UserError(`its jump ${name} has no hostKey yet: scan that first`, { code: "config" });
  const privateKey = keys[name] ?? keys.default;
  const through = jump === null ? {} : { jump: jumpOf(jump, all, keys, [...way, name]) };
  return { ...own, hostKey, ...through, ...(privateKey === undefined ? {} : { privateKey }) };
}
