// Counted ports: no two the same, and none that moves when another server comes or goes.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  dummyPorts,
  mostPublishers,
  mostUpstreams,
  portBlock,
  slotsOf,
  upstreamPorts,
} from "../../infra/core/ports.ts";

const counted = (name: string) => ({ name, clientPort: null, clusterPort: null, monitorPort: null });

describe("counted ports", () => {
  const slots: readonly [string[], number[]][] = [
    [
      ["server0", "server1"],
      [0, 1],
    ],
    [
      ["server1", "server7"],
      [1, 7],
    ],
    [
      ["blue", "green"],
      [0, 1],
    ],
    [
      ["a1", "b1"],
      [0, 1],
    ],
    [
      ["server01", "server1"],
      [0, 1],
    ],
    [
      ["server0", "server99"],
      [0, 1],
    ],
    [
      ["blue", "server0", "green"],
      [1, 0, 2],
    ],
    [["server123456789012345678901234567890"], [0]],
  ];
  for (const [names, expected] of slots) {
    it(`give ${names.join(", ")} the slots ${expected.join(", ")}`, () =>
      assert.deepEqual(slotsOf(names, 50), expected));
  }

  const numbered = fc.uniqueArray(fc.nat(mostUpstreams - 1), { minLength: 2 });
  it("stay when a numbered server is added or taken away", () => {
    fc.assert(
      fc.property(numbered, fc.nat(), (numbers, at) => {
        const names = numbers.map((number) => `server${number}`);
        const before = new Map(upstreamPorts(names.map(counted), 4222).map((ports, index) => [names[index], ports]));
        const rest = names.toSpliced(at % names.length, 1);
        for (const [index, ports] of upstreamPorts(rest.map(counted), 4222).entries()) {
          assert.deepEqual(ports, before.get(rest[index]));
        }
      }),
    );
  });

  it("never meet, however many servers there are and whatever they are called", () => {
    const names = (most: number) =>
      fc.uniqueArray(fc.stringMatching(/^[a-z]\d{0,3}$/), { minLength: 1, maxLength: most });
    fc.assert(
      fc.property(names(mostUpstreams), names(mostPublishers), (upstreams, publishers) => {
        const all = [...upstreamPorts(upstreams.map(counted), 5000), ...dummyPorts(publishers.map(counted), 5000)];
        const ports = all.flatMap((entry) => Object.values(entry));
        assert.equal(new Set(ports).size, ports.length);
        assert.ok(Math.min(...ports) >= 5000 && Math.max(...ports) < 5000 + portBlock);
      }),
    );
  });

  it("fill their block to the last slot", () => {
    const many = (most: number) => Array.from({ length: most }, (_, index) => counted(`s${index}`));
    assert.equal(upstreamPorts(many(mostUpstreams), 0).at(-1)?.monitorPort, 198);
    assert.equal(dummyPorts(many(mostPublishers), 0).at(-1)?.monitorPort, portBlock - 1);
  });
});
