// Base configs of upstreams and dummies: no secret, nothing that a flip changes, the same text on every machine.

import { fileNames, logName } from "./layout.ts";
import { renderConfig, renderIncludes, type Value, variable } from "./nats-config.ts";
import { users } from "./secrets.ts";
import type { Dummy, Server, Topology, Upstream } from "./topology.ts";

/** Names of the variables that the included files set. */
export const variables = {
  /** Role file: the upstreams a dummy dials. */
  routes: "natsby_routes",
  /** Pins file: whose key may join the mesh at this upstream. */
  pins: "natsby_pins",
  /** Keys file of a dummy: the upstreams' pins. */
  upstreamPins: "natsby_upstream_pins",
  /** Lists file of an upstream: the other upstreams. */
  mesh: "natsby_mesh",
  /** Lists file of a dummy: what its publisher may publish. */
  subjects: "natsby_subjects",
} as const;

/** Names of the variables in the keys file that hold a user and its password; `other`: of the other secret, in a rotation. */
export function loginVariables(name: string, slot: "own" | "other"): { user: string; password: string } {
  const prefix = slot === "own" ? "natsby" : "natsby_other";
  const label = name.replaceAll("-", "_");
  return { user: `${prefix}_user_${label}`, password: `${prefix}_password_${label}` };
}

/** Base config of an upstream. */
export function upstreamConfig(topology: Topology, upstream: Upstream): string {
  return renderBase(upstream, "pins", {
    cluster: {
      name: topology.cluster,
      listen: `${upstream.listen ?? upstream.address}:${upstream.clusterPort}`,
      ...(isPublished(upstream) && { advertise: `${upstream.address}:${upstream.clusterPort}` }),
      no_advertise: true,
      pool_size: 1,
      compression,
      routes: variable(variables.mesh),
      tls: mutualTls(variables.pins),
    },
    accounts: accounts([...user(users.subscriber, readOnly), ...user(users.probe, readOnly)]),
  });
}

/** Others reach it at its engine's host: its own address in there is nobody's to dial. */
const isPublished = ({ address, published }: Upstream): boolean => published === address;

/**
 * Base config of a dummy, shielded: its cluster port listens on loopback only and it advertises a dead address, since
 * `no_advertise` does not stop upstreams from gossiping a route and dialling back (facts-nats A1-A5, B1-B4).
 */
export function dummyConfig(topology: Topology, dummy: Dummy, publisher: string): string {
  return renderBase(dummy, "role", {
    cluster: {
      name: topology.cluster,
      listen: "127.0.0.1:-1",
      advertise: "127.0.0.1:1",
      no_advertise: true,
      pool_size: 1,
      compression,
      routes: variable(variables.routes),
      tls: mutualTls(variables.upstreamPins),
    },
    accounts: accounts([...user(publisher, publishOnly), ...user(users.probe, readOnly)]),
  });
}

function renderBase(server: Server, own: "role" | "pins", entries: { readonly [key: string]: Value }): string {
  const head = `# Config of ${server.name}. Written by natsby: \`pulumi up\` puts an edit by hand back.\n`;
  const includes = renderIncludes([fileNames.keys, fileNames.lists, fileNames[own]]);
  return `${head}${includes}${renderConfig({
    server_name: server.name,
    listen: `${server.listen ?? server.address}:${server.clientPort}`,
    http: server.monitorPort === null ? undefined : `${server.monitorAddress ?? "127.0.0.1"}:${server.monitorPort}`,
    ...entries,
    system_account: "SYS",
    ...(server.published === undefined ? logFile(server) : {}),
  })}`;
}

/** A container's output is its engine's to keep. */
const logFile = (server: Server) => ({
  log_file: logName(server),
  logfile_size_limit: 4 * 1024 * 1024,
  logfile_max_num: 3,
});

/**
 * Not to save bytes: a link that is compressed is written in large pieces, and one that is not is written, under TLS, in a
 * record and a system call for every 512 bytes, which halves what it can carry (docs/adr/0013-links-are-compressed.md).
 */
const compression = "s2_fast";

function mutualTls(pins: string): Value {
  return {
    cert_file: fileNames.certificate,
    key_file: fileNames.key,
    ca_file: fileNames.ca,
    verify: true,
    timeout: 5,
    pinned_certs: variable(pins),
  };
}

/** Account names must be equal on both sides of a route: accounts are matched by name. */
function accounts(app: readonly Value[]): Value {
  return { APP: { users: app }, SYS: { users: user(users.system) } };
}

const readOnly: Value = { publish: { deny: ">" } };
const publishOnly: Value = { publish: { allow: variable(variables.subjects) }, subscribe: { deny: ">" } };

/** Two of each: while the secret is rotated the other one's user is let in too; else nobody knows its password. */
function user(name: string, permissions?: Value): readonly Value[] {
  return (["own", "other"] as const).map((slot) => {
    const { user, password } = loginVariables(name, slot);
    return { user: variable(user), password: variable(password), permissions };
  });
}
