// The verbs of the CLI: their names, and the files that hold them. A verb's file is loaded when it is typed, not before.

import type { Verb } from "./verb.ts";

/** A verb before it is loaded. */
export interface Entry {
  readonly brief: string;
  load(): Promise<{ readonly verb: Verb }>;
}

/** Every verb, in the order in which help lists them. */
export const table: Readonly<Record<string, Entry>> = {
  doctor: { brief: "List every tool natsby needs, and what mends a missing one", load: () => import("./doctor.ts") },
  status: { brief: "Show what runs, who is heard, and what is wrong", load: () => import("./status.ts") },
  env: { brief: "Print the exports that put pulumi, node and natsby on PATH", load: () => import("./env.ts") },
};
