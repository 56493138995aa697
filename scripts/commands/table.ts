// The verbs of the CLI: their names, and the files that hold them. A verb's file is loaded when it is typed, not before.

import type { Verb } from "./verb.ts";

/** A verb before it is loaded. */
export interface Entry {
  readonly brief: string;
  load(): Promise<{ readonly verb: Verb }>;
}

/** Every verb, in the order in which help lists them. */
export const table: Readonly<Record<string, Entry>> = {
  start: { brief: "Start everything on this machine: tools, servers, publishers", load: () => import("./start.ts") },
  stop: { brief: "Stop everything that start started", load: () => import("./stop.ts") },
  init: { brief: "Make a stack: its secret, and on one machine its folder and ports", load: () => import("./init.ts") },
  doctor: { brief: "List every tool natsby needs, and what mends a missing one", load: () => import("./doctor.ts") },
  hosts: {
    brief: "Show the keys of a stack's hosts, and write them into its config",
    load: () => import("./hosts.ts"),
  },
  status: { brief: "Show what runs, who is heard, and what is wrong", load: () => import("./status.ts") },
  verify: {
    brief: "Listen at every upstream and count what is heard, doubled and missing",
    load: () => import("./verify.ts"),
  },
  switchover: {
    brief: "Make another publisher heard: a planned flip, both sides reachable",
    load: () => import("./switchover.ts"),
  },
  failover: {
    brief: "Make another publisher heard while the active one cannot be reached",
    load: () => import("./failover.ts"),
  },
  rejoin: { brief: "Take back a publisher or upstream that was given up", load: () => import("./rejoin.ts") },
  roll: { brief: "Bring a change that restarts servers, and let nobody notice", load: () => import("./roll.ts") },
  history: {
    brief: "Show every cutover: who, why, gap, lost, doubled; failures too",
    load: () => import("./history.ts"),
  },
  pause: { brief: "Refuse every flip for a while: maintenance", load: () => import("./pause.ts") },
  resume: { brief: "End a pause: flips are possible again", load: () => import("./resume.ts") },
  adopt: {
    brief: "Write what the servers say into the config: the way out of a stale checkout",
    load: () => import("./adopt.ts"),
  },
  topology: { brief: "Draw who is linked to whom, as observed", load: () => import("./topology.ts") },
  logs: { brief: "Show what servers and publishers wrote", load: () => import("./logs.ts") },
  env: { brief: "Print the exports that put pulumi, node and natsby on PATH", load: () => import("./env.ts") },
};
