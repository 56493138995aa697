// Any topology that the parser could give: for properties that hold for every stack.

import fc from "fast-check";
import { dummyNameOf, isName, isReserved } from "../../infra/core/names.ts";
import type { Topology } from "../../infra/core/topology.ts";
import { testTopology } from "./topology.ts";

const port = fc.integer({ min: 1, max: 65_535 });
const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/).filter((text) => isName(text) && !isReserved(text));
/** Names that differ, as upstreams', publishers' and dummies' must. */
const names = fc
  .uniqueArray(name, { minLength: 3, maxLength: 8 })
  .filter((all) => new Set([...all, ...all.map(dummyNameOf)]).size === 2 * all.length);

/** A subject that a config may name. */
export const subjects: fc.Arbitrary<string> = fc
  .tuple(
    fc.array(fc.stringMatching(/^[a-zA-Z0-9_"'\\{}#,;=-]{1,8}$|^\*$/), { minLength: 1, maxLength: 4 }),
    fc.boolean(),
  )
  .map(([tokens, open]) => [...tokens, ...(open ? [">"] : [])].join("."));

/** One upstream at least, two publishers at least, one of them active. */
export const topologies: fc.Arbitrary<Topology> = fc
  .record({
    names,
    upstreams: fc.integer({ min: 1, max: 4 }),
    active: fc.nat(),
    ports: fc.uniqueArray(port, { minLength: 24, maxLength: 24 }),
    subjects: fc.uniqueArray(subjects, { minLength: 1, maxLength: 4 }),
    epoch: fc.nat(),
  })
  .map(({ names, upstreams: count, active, ports, subjects, epoch }) => {
    const upstreamNames = names.slice(0, Math.min(count, names.length - 2));
    const address = "127.0.0.1";
    const portsOf = (index: number) => ports.slice(3 * index, 3 * index + 3);
    const upstreams = upstreamNames.map((name, index) => {
      const [clientPort = 0, clusterPort = 0, monitorPort = 0] = portsOf(index);
      return { name, address, clientPort, clusterPort, monitorPort };
    });
    const publishers = names.slice(upstreamNames.length).map((name, index) => {
      const [clientPort = 0, monitorPort = 0] = portsOf(upstreamNames.length + index);
      const dummy = { name: dummyNameOf(name), address, clientPort, monitorPort };
      return { name, dummy, command: null, environment: {}, rate: 10 };
    });
    const activePublisher = publishers[active % publishers.length]?.name ?? "";
    return testTopology({ upstreams, publishers, subjects, epoch, activePublisher });
  });
