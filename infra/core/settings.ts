// A stack's config, read: the one parser, which reports all problems at once, each with its path. Holds no secret.

import { sshPlaceOf } from "./engine-ssh.ts";
import { containerFolder } from "./layout.ts";
import type { NatsServerSource } from "./nats-server-release.ts";
import { usualBasePort } from "./ports.ts";
import type { Draft, Key } from "./settings/keys.ts";
import { configError } from "./settings/problem.ts";
import { readKeys } from "./settings/read.ts";
import { brokenRules } from "./settings/rules.ts";
import type { StackConfig } from "./stack-config.ts";
import type { EngineAddress, HostAddress, Link, Once, Platform, Stamp, Timeouts } from "./topology.ts";

/** A stack's config with its defaults filled in. */
export interface Settings {
  /** Where servers run. @default "local" */
  readonly platform: Platform;
  /** How a dummy reaches the upstreams. @default "routes" */
  readonly link: Link;
  /** Who is heard. */
  readonly activePublisher: string;
  /** What publishers may publish: NATS subjects, wildcards allowed. @default ["test"] */
  readonly subjects: readonly string[];
  /** Where a message's stamp stands. @default {json: "/seq"} where all publishers are the reference publisher, else null */
  readonly stamp: Stamp | null;
  /** Milliseconds to wait for subjects whose newest stamp is not known. @default 50 */
  readonly settle: number;
  /** Refuse a flip when the standby lags or leads by more milliseconds. @default 500 */
  readonly maxLag: number;
  /** @default server0 and server1 */
  readonly upstreams: readonly UpstreamSettings[];
  /** @default publisher0 and publisher1 */
  readonly publishers: readonly PublisherSettings[];
  /** How each host is reached, in alphabetical order; null on a platform that has one host only. @default null */
  readonly hosts: readonly HostAddress[] | null;
  /** The Docker engines, in alphabetical order; null where nothing runs in containers. @default null */
  readonly engines: readonly EngineAddress[] | null;
  /** Absolute folder that holds everything of this stack on a host. @default on ssh /etc/nats-server/natsby-<stack>, on docker /natsby in every container */
  readonly dataDir: string;
  /** Where the ports begin that are not given. @default on ssh and docker 4222 */
  readonly basePort: number;
  /** Whether a rotation of the cluster secret is under way: `clusterSecretPrevious` is there. */
  readonly rotating: boolean;
  /** Publishers and upstreams given up, in alphabetical order. @default [] */
  readonly fenced: readonly string[];
  /** A risk accepted for one run; written and removed by natsby's verbs. @default null */
  readonly once: Once | null;
  /** Raised by every failover and rejoin. @default 0 */
  readonly epoch: number;
  readonly timeouts: Timeouts;
  /** On docker its image may be another one than natsby's own, by digest. @default {version: "2.15.2"} */
  readonly natsServer: NatsServerSource & { readonly version: string; readonly image?: string };
  /** Whether a change may restart the active dummy or publisher. @default false */
  readonly allowActiveRestart: boolean;
}

/** An upstream of the config. A port that is null is counted from `basePort`. */
export interface UpstreamSettings {
  readonly name: string;
  /** Raised to give it another key and other passwords. @default 0 */
  readonly generation: number;
  readonly clientPort: number | null;
  readonly clusterPort: number | null;
  readonly monitorPort: number | null;
  /** Name in `hosts`; absent on a platform that has one host only. */
  readonly host?: string;
}

/** A publisher of the config. The ports are its dummy's. */
export interface PublisherSettings {
  readonly name: string;
  /** The user's own program and its arguments. @default null: the reference publisher */
  readonly command: readonly string[] | null;
  /** The user's own image, on docker. */
  readonly image?: string;
  /** Added to the program's environment. @default {} */
  readonly environment: Readonly<Record<string, string>>;
  /** Messages a second per subject of the reference publisher. @default 10 */
  readonly rate: number;
  /** Raised to give its dummy another key, and both other passwords. @default 0 */
  readonly generation: number;
  readonly clientPort: number | null;
  readonly monitorPort: number | null;
  /** Whom it runs as, on ssh: a user of its host. @default one that is made for it */
  readonly user?: string;
  /** Name in `hosts`; absent on a platform that has one host only. */
  readonly host?: string;
}

/** Reads a stack's config. Throws one UserError that lists every problem. */
export function parseSettings(config: StackConfig): Settings {
  const { draft, problems } = readKeys(config);
  const all = [...config.problems, ...problems, ...brokenRules(draft, config)];
  if (all.length > 0) throw configError(config.stack, all);
  return settled(draft as Complete, config);
}

/** Without a problem, every key with a default has a value. */
type Complete = { readonly [K in Key]: Exclude<Draft[K], undefined> };

function settled(draft: Complete, { stack, values }: StackConfig): Settings {
  const publishers = draft.publishers.map(publisherOf);
  const { platform, link, activePublisher, subjects, settle, maxLag, epoch, timeouts } = draft;
  return {
    platform,
    link,
    activePublisher,
    subjects,
    stamp: draft.stamp ?? (publishers.every(isReference) ? { json: "/seq" } : null),
    settle,
    maxLag,
    upstreams: draft.upstreams.map(upstreamOf),
    publishers,
    hosts: platform === "ssh" ? hostsOf(draft.hosts ?? {}) : null,
    engines: platform === "docker" ? enginesOf(draft.hosts ?? {}) : null,
    dataDir: draft.dataDir ?? (platform === "docker" ? containerFolder : `/etc/nats-server/natsby-${stack}`),
    basePort: draft.basePort ?? usualBasePort,
    rotating: values.clusterSecretPrevious !== undefined,
    fenced: draft.fenced.toSorted(),
    once: draft.once ?? null,
    epoch,
    timeouts,
    natsServer: natsServerOf(draft.natsServer),
    allowActiveRestart: draft.allowActiveRestart,
  };
}

function natsServerOf({ version, image, downloadUrl, sha256 }: Complete["natsServer"]): Settings["natsServer"] {
  return { version, ...(image && { image }), ...(downloadUrl && { downloadUrl }), ...(sha256 && { sha256 }) };
}

const isReference = ({ command, image }: PublisherSettings): boolean => command === null && image === undefined;

function hostsOf(hosts: Exclude<Complete["hosts"], undefined>): readonly HostAddress[] {
  const names = Object.keys(hosts).toSorted();
  return names.flatMap((name) => {
    const host = hosts[name];
    if (host === undefined || "engine" in host) return [];
    const { jump, serviceManager, ...address } = host;
    return [{ name, ...address, ...(jump && { jump }), ...(serviceManager && { serviceManager }) }];
  });
}

function enginesOf(hosts: Exclude<Complete["hosts"], undefined>): readonly EngineAddress[] {
  const names = Object.keys(hosts).toSorted();
  return names.flatMap((name) => {
    const host = hosts[name];
    if (host === undefined || !("engine" in host)) return [];
    const { engine, hostKey, address = sshPlaceOf({ url: String(engine) })?.host } = host;
    return [
      {
        name,
        url: String(engine),
        ...(address !== undefined && { address }),
        ...(hostKey !== undefined && { hostKey }),
      },
    ];
  });
}

function upstreamOf(entry: Complete["upstreams"][number]): UpstreamSettings {
  const { name, generation, clientPort, clusterPort, monitorPort, host } = entry;
  return { name, generation, clientPort, clusterPort, monitorPort, ...(host === undefined ? {} : { host }) };
}

function publisherOf(entry: Complete["publishers"][number]): PublisherSettings {
  const { name, command, image, environment, rate, generation, clientPort, monitorPort, host, user } = entry;
  const more = { ...(host && { host }), ...(image && { image }), ...(user && { user }) };
  return { name, command: command ?? null, environment, rate, generation, clientPort, monitorPort, ...more };
}
