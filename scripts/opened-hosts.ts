// The hosts that a verb has opened: kept until it ends, so that a second look goes over the same connections.

import type { Hosts } from "../infra/hosts/hosts.ts";

const opened = new Map<string, Promise<Hosts>>();

/** The hosts that were opened under this key before, else these. */
export function openOnce(key: string, open: () => Promise<Hosts>): Promise<Hosts> {
  const hosts = opened.get(key) ?? open();
  opened.set(key, hosts);
  return hosts;
}

/** Ends every connection: an open one would keep the process. */
export async function closeHosts(): Promise<void> {
  const all = await Promise.allSettled(opened.values());
  opened.clear();
  await Promise.allSettled(all.map(async (one) => one.status === "fulfilled" && one.value[Symbol.asyncDispose]()));
}
