// What the containers of a stack are called, and what else is named after it on an engine. Pure.

import type { Topology } from "./topology.ts";

/** Names on an engine: other stacks have others. */
export function containerNames({ cluster }: Pick<Topology, "cluster">) {
  return {
    /** The network in which dummies reach upstreams. It comes first by name: ports are published on its side. */
    network: cluster,
    /** The network that a publisher shares with its own dummy and nobody else. */
    networkOf: (publisher: string): string => `${cluster}-${publisher}`,
    /** The volume with the stack's files. */
    volume: cluster,
    /** The part of it that a server's or publisher's own container sees. */
    volumeOf: (name: string): string => `${cluster}-${name}`,
    /** What names of images begin with that several containers run. */
    images: cluster,
    /** The container that holds the files and does nothing else. */
    keeper: `${cluster}-keeper`,
    /** The container of a server or publisher. */
    of: (name: string): string => `${cluster}-${name}`,
  };
}

/** The label by which natsby finds the container of a server or publisher again: `<dataDir>/<name>`. */
export const processLabel = "natsby.process";

/** The label that says all of what a container should be: another one means another container. */
export const specLabel = "natsby.spec";
