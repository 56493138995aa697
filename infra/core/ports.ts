// Which port each server listens on: given, or counted from `basePort` so that a server's ports stay when others come or go.

import type { Server, Topology } from "./topology.ts";

/** How many ports from `basePort` on a stack may use. */
export const portBlock = 400;
/** Where ports begin on hosts of their own, where the config does not say. */
export const usualBasePort = 4222;
/** The most upstreams and publishers that fit a block. */
export const mostUpstreams = 50;
export const mostPublishers = 100;
/** Where the dummies' ports begin in the block. */
const dummiesFrom = 200;

/** What a list of the config says of a server's ports; null where they are counted. */
export interface GivenPorts {
  readonly name: string;
  readonly clientPort: number | null;
  readonly monitorPort: number | null;
  readonly clusterPort?: number | null;
}

/** Ports of each upstream, in the list's order: four ports a slot, of which three are used. */
export function upstreamPorts(upstreams: readonly GivenPorts[], basePort: number) {
  const slots = slotsOf(
    upstreams.map((upstream) => upstream.name),
    mostUpstreams,
  );
  return upstreams.map((upstream, index) => {
    const first = basePort + 4 * (slots[index] ?? index);
    return {
      clientPort: upstream.clientPort ?? first,
      clusterPort: upstream.clusterPort ?? first + 1,
      monitorPort: upstream.monitorPort ?? first + 2,
    };
  });
}

/** Ports of each publisher's dummy, in the list's order. Its cluster port is any free one, on loopback. */
export function dummyPorts(publishers: readonly GivenPorts[], basePort: number) {
  const slots = slotsOf(
    publishers.map((publisher) => publisher.name),
    mostPublishers,
  );
  return publishers.map((publisher, index) => {
    const first = basePort + dummiesFrom + 2 * (slots[index] ?? index);
    return { clientPort: publisher.clientPort ?? first, monitorPort: publisher.monitorPort ?? first + 1 };
  });
}

/**
 * A slot for each name: the number it ends in, where no other name of the list ends in it. The rest take what is free,
 * in order; those move when one before them goes, so a list that will change is best numbered, or has its ports given.
 */
export function slotsOf(names: readonly string[], limit: number): readonly number[] {
  const numbers = names.map((name) => Number(/\d+$/.exec(name)?.[0] ?? Number.NaN));
  const own = numbers.map((number) => number < limit && numbers.indexOf(number) === numbers.lastIndexOf(number));
  const taken = new Set(numbers.filter((_, index) => own[index]));
  let free = 0;
  return numbers.map((number, index) => {
    if (own[index]) return number;
    while (taken.has(free)) free++;
    return free++;
  });
}

/** Where programs outside the stack reach a server: in a container by what is published on the loopback of its engine's host. */
export const clientUrlOf = ({ address, clientPort, published }: Server): string =>
  `nats://${published ?? address}:${clientPort}`;

/** A port that a server of the stack listens on. */
export interface PortUse {
  readonly server: string;
  readonly purpose: "client" | "cluster" | "monitor";
  readonly address: string;
  readonly port: number;
}

/** Every port of a stack. */
export function portsOf(topology: Topology): readonly PortUse[] {
  const dummies = topology.publishers.map((publisher) => ({ ...publisher.dummy, clusterPort: null }));
  return [...topology.upstreams, ...dummies].flatMap(({ name, address, clientPort, clusterPort, monitorPort }) => [
    { server: name, purpose: "client" as const, address, port: clientPort },
    ...(clusterPort === null ? [] : [{ server: name, purpose: "cluster" as const, address, port: clusterPort }]),
    ...(monitorPort === null
      ? []
      : [{ server: name, purpose: "monitor" as const, address: "127.0.0.1", port: monitorPort }]),
  ]);
}
