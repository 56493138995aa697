// Asks the servers of a running stack themselves, by their monitoring: what natsby's own looks are compared with.

import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { json } from "node:stream/consumers";
import type { StatusJson } from "../../infra/core/status.ts";

/** What a server's `/varz` says of itself, as far as tests compare it. */
export interface Varz {
  readonly server_name: string;
  readonly server_id: string;
  readonly port: number;
  readonly config_digest: string;
  /** Moves with every reload that succeeds, also with one that changes nothing. */
  readonly config_load_time: string;
}

/** One connection of a server's `/routez`. */
export interface Route {
  readonly remote_name: string;
  readonly remote_id: string;
  readonly did_solicit: boolean;
}

/** `/varz` of every upstream and dummy, by name. */
export async function varzOf({ upstreams, publishers }: StatusJson): Promise<Readonly<Record<string, Varz>>> {
  const dummies = publishers.map(({ dummy, monitorUrl }) => ({ name: dummy, monitorUrl }));
  const asked = [...upstreams, ...dummies].map(async ({ name, monitorUrl }) => {
    return [name, (await askMonitor(`${monitorUrl}/varz`)) as Varz] as const;
  });
  return Object.fromEntries(await Promise.all(asked));
}

/** When each server last loaded its config: the same as before where nothing was reloaded or restarted. */
export async function loadTimesOf(status: StatusJson): Promise<Readonly<Record<string, string>>> {
  const all = Object.entries(await varzOf(status));
  return Object.fromEntries(
    all.map(([name, { config_load_time, server_id }]) => [name, `${config_load_time} ${server_id}`]),
  );
}

/** The routes that a server lists. */
export async function routesAt(monitorUrl: string | null): Promise<readonly Route[]> {
  const { routes } = (await askMonitor(`${monitorUrl}/routez`)) as { readonly routes?: readonly Route[] | null };
  return routes ?? [];
}

/** What a server's monitoring says. Not by `fetch`, which knows ports that it will not ask, such as 10080. */
export async function askMonitor(url: string): Promise<unknown> {
  const [response] = (await once(get(url, { signal: AbortSignal.timeout(2_000) }), "response")) as [IncomingMessage];
  return json(response);
}
