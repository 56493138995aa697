// What servers report, as data. Null where a fact could not be had: unknown is never shown as ok.

/** A route or leafnode connection as one server lists it. */
export interface LinkSeen {
  /** `server_id` of the other end: links are judged by it, never by name. */
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
  readonly id: string | null;
  readonly version: string | null;
  readonly pid: number | null;
  /** Its `config_digest`, and what `nats-server -t` says of the files on disk. */
  readonly digest: { readonly want: string | null; readonly running: string | null };
  /** `server_metadata` in force. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly links: readonly LinkSeen[] | null;
}

/** What stands in a dummy's role file on disk. */
export type RoleFileSeen =
  | { readonly state: "attached" | "detached"; readonly routes: readonly string[] }
  | { readonly state: "broken"; readonly problem: string };

/** A dummy and its publisher as they were seen. */
export interface DummySeen extends ServerSeen {
  readonly publisher: string;
  readonly publisherPid: number | null;
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
  readonly upstreams: readonly ServerSeen[];
  readonly dummies: readonly DummySeen[];
}
