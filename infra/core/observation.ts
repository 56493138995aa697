// What servers report, as data. Null where a fact could not be had: unknown is never shown as ok.

/** A route or leafnode connection as one server lists it. */
export interface LinkSeen {
  /** `server_id` of the other end: links are judged by it, never by name. Empty for a leaf: servers do not list it. */
  readonly id: string;
  readonly name: string;
  readonly kind: "route" | "leaf";
  /** How many connections: with `pool_size: 1` a complete route has two (one for the account, one for the system account). */
  readonly entries: number;
}

/** One nats-server as it was seen. */
export interface ServerSeen {
  readonly name: string;
  /** True: it answered. False: nobody listens there, or its process is gone. Null: no answer in time, so unknown. */
  readonly reachable: boolean | null;
  /** Why it is not reachable, in words. */
  readonly reason: string | null;
  /** What answers on its port instead of it, in words; null where nothing else does. */
  readonly foreign: string | null;
  readonly id: string | null;
  readonly version: string | null;
  /** Of its process on this host; null where there is none, or where processes cannot be seen. */
  readonly pid: number | null;
  /** Every process that carries its name, the oldest first: more than one is one too many. */
  readonly pids: readonly number[];
  /** Its `config_digest`, and what `nats-server -t` says of the files on disk. */
  readonly digest: { readonly want: string | null; readonly running: string | null };
  /** What `nats-server -t` says against the files on disk; null where it says nothing. */
  readonly filesProblem: string | null;
  /** Whether the base config on disk is what the topology renders to, or what was last put there; null where nobody could look. */
  readonly baseAsAsked: boolean | null;
  /** Files of passwords and lists that are not what natsby put there, loaded or not. */
  readonly editedFiles: readonly string[];
  /** `server_metadata` in force. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly links: readonly LinkSeen[] | null;
}

/** Whose keys an upstream's pins file lets in. */
export type PinsFileSeen =
  | { readonly state: "read"; readonly servers: readonly string[] }
  | { readonly state: "broken"; readonly problem: string };

/** An upstream as it was seen. */
export interface UpstreamSeen extends ServerSeen {
  readonly pinsFile: PinsFileSeen | null;
}

/** What stands in a dummy's role file on disk. */
export type RoleFileSeen =
  | { readonly state: "attached" | "detached"; readonly routes: readonly string[] }
  | { readonly state: "broken"; readonly problem: string };

/** A dummy and its publisher as they were seen. */
export interface DummySeen extends ServerSeen {
  readonly publisher: string;
  readonly publisherPid: number | null;
  /** Every process that carries the publisher's name, the oldest first; null where nobody could look. */
  readonly publisherPids: readonly number[] | null;
  readonly roleFile: RoleFileSeen | null;
  /** Whether the running config has any route or remote to an upstream. */
  readonly attachedRunning: boolean | null;
  /** Whether the publisher sent something within `timeouts.silence`. */
  readonly publishing: boolean | null;
}

/** One look at everything a stack has. */
export interface Observation {
  /** RFC 3339. */
  readonly observedAt: string;
  readonly upstreams: readonly UpstreamSeen[];
  readonly dummies: readonly DummySeen[];
  /** Processes of this stack that the topology does not know: a publisher taken away whose process lives on. */
  readonly strays: readonly { readonly name: string; readonly pid: number }[];
}
