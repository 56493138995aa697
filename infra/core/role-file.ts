// The small included file that alone decides whether a dummy is attached. It holds no secret.

import { quote } from "./nats-config.ts";
import type { RoleFileSeen } from "./observation.ts";
import { variables } from "./server-config.ts";
import type { Topology } from "./topology.ts";

/** What a role file says. */
export interface RoleFile {
  readonly dummy: string;
  /** Empty: detached. */
  readonly routes: readonly string[];
  readonly epoch: number;
  /** Of the cutover that wrote it; absent in a plan, where it is not known yet. */
  readonly ticket?: number;
}

/** Every upstream that was not given up, or none: a routed message travels one hop, so a shielded dummy must link to all (facts-nats B7). */
export function routesOf(topology: Topology, publisher: string): readonly string[] {
  if (publisher !== topology.activePublisher) return [];
  return topology.upstreams.filter(({ name }) => !topology.fenced.includes(name)).map(routeUrl);
}

/** How a dummy dials an upstream. */
export const routeUrl = (upstream: { readonly address: string; readonly clusterPort: number }): string =>
  `nats-route://${upstream.address}:${upstream.clusterPort}`;

/** Renders a role file; also shown in `pulumi preview --diff`, there without a ticket. */
export function renderRoleFile({ dummy, routes, epoch, ticket }: RoleFile): string {
  return [
    `# Role of ${dummy}. Written by natsby's cutover alone: an edit by hand is drift.`,
    "server_metadata: {",
    `  natsby_role: ${quote(routes.length > 0 ? "active" : "standby")}`,
    `  natsby_epoch: ${quote(String(epoch))}`,
    ...(ticket === undefined ? [] : [`  natsby_ticket: ${quote(String(ticket))}`]),
    "}",
    ...(routes.length === 0
      ? [`${variables.routes}: []`]
      : [`${variables.routes}: [`, ...routes.map((route) => `  ${quote(route)}`), "]"]),
    "",
  ].join("\n");
}

/** The text without its ticket line: what two cutovers with the same wish have in common. */
export const withoutTicket = (text: string): string => text.replace(/^ {2}natsby_ticket: .*\n/m, "");

/** Reads a role file back, strictly: anything natsby would not have written is broken, never "detached". */
export function parseRoleFile(text: string): RoleFileSeen {
  const body = text.replace(/^#.*\n/gm, "");
  const match =
    /^server_metadata: \{\n(?: {2}natsby_[a-z]+: "[^"\\]*"\n)*\}\nnatsby_routes: (?:\[\]|\[\n((?: {2}"[^"\\]*"\n)+)\])\n$/.exec(
      body,
    );
  if (match === null) return { state: "broken", problem: "it is not what natsby writes: cut short, or edited by hand" };
  const routes = [...(match[1] ?? "").matchAll(/"([^"]*)"/g)].map((found) => found[1] ?? "");
  return { state: routes.length > 0 ? "attached" : "detached", routes };
}
