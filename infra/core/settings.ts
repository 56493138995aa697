// A stack's config, read: the one parser, which reports all problems at once, each with its path. Holds no secret.

import type { Draft, Key, onceFlags } from "./settings/keys.ts";
import { configError } from "./settings/problem.ts";
import { readKeys } from "./settings/read.ts";
import { brokenRules } from "./settings/rules.ts";
import type { StackConfig } from "./stack-config.ts";
import type { Link, Platform, Stamp, Timeouts } from "./topology.ts";

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
  /** Absolute folder that holds everything of this stack on a host. */
  readonly dataDir: string;
  /** Where the ports begin that are not given. */
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
  /** @default {version: "2.15.2"} */
  readonly natsServer: { readonly version: string };
  /** Whether a change may restart the active dummy or publisher. @default false */
  readonly allowActiveRestart: boolean;
}

/** An upstream of the config. A port that is null is counted from `basePort`. */
export interface UpstreamSettings {
  readonly name: string;
  readonly clientPort: number | null;
  readonly clusterPort: number | null;
  readonly monitorPort: number | null;
}

/** A publisher of the config. The ports are its dummy's. */
export interface PublisherSettings {
  readonly name: string;
  /** The user's own program and its arguments. @default null: the reference publisher */
  readonly command: readonly string[] | null;
  /** Added to the program's environment. @default {} */
  readonly environment: Readonly<Record<string, string>>;
  /** Messages a second per subject of the reference publisher. @default 10 */
  readonly rate: number;
  readonly clientPort: number | null;
  readonly monitorPort: number | null;
}

/** A risk that a person accepted for the run with this ticket. */
export interface Once {
  readonly flag: (typeof onceFlags)[number];
  readonly reason: string;
  readonly ticket: number;
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

function settled(draft: Complete, { values }: StackConfig): Settings {
  const publishers = draft.publishers.map(publisherOf);
  const { platform, link, activePublisher, subjects, settle, maxLag, dataDir, basePort, epoch, timeouts } = draft;
  return {
    platform,
    link,
    activePublisher,
    subjects,
    stamp: draft.stamp ?? (publishers.every(({ command }) => command === null) ? { json: "/seq" } : null),
    settle,
    maxLag,
    upstreams: draft.upstreams.map(upstreamOf),
    publishers,
    dataDir,
    basePort,
    rotating: values.clusterSecretPrevious !== undefined,
    fenced: draft.fenced.toSorted(),
    once: draft.once ?? null,
    epoch,
    timeouts,
    natsServer: { version: draft.natsServer.version },
    allowActiveRestart: draft.allowActiveRestart,
  };
}

function upstreamOf({ name, clientPort, clusterPort, monitorPort }: Complete["upstreams"][number]): UpstreamSettings {
  return { name, clientPort, clusterPort, monitorPort };
}

function publisherOf(entry: Complete["publishers"][number]): PublisherSettings {
  const { name, command, environment, rate, clientPort, monitorPort } = entry;
  return { name, command: command ?? null, environment, rate, clientPort, monitorPort };
}
