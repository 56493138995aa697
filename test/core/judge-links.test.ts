// Who is linked to whom, and what that means for who is heard.

import { changed, links0, links1, nothing, testRows } from "../support/judging.ts";
import { link, silent } from "../support/observation.ts";

testRows([
  [
    "the active dummy is gone and no upstream lists it",
    changed(
      ["server0", { links: [link("server1")] }],
      ["server1", { links: [link("server0")] }],
      ["dummy-nats0", nothing("")],
    ),
    "silent",
    ["nobody-linked test", "dummy-down dummy-nats0"],
  ],
  [
    "the active dummy is gone, one upstream is down, the other lists nobody",
    changed(["server0", { links: [] }], ["server1", nothing("")], ["dummy-nats0", nothing("")]),
    "silent",
    ["nobody-linked test", "upstream-down server1", "dummy-down dummy-nats0"],
  ],
  [
    "an upstream says nothing, and the dummy tells of its link there",
    changed(["server1", silent], ["dummy-nats1", { links: [link("server1")] }]),
    "doubled",
    ["doubled-link server0", "server-unknown server1"],
  ],
  [
    "the standby is linked at one upstream only: a client of both upstreams hears twice",
    changed(["server1", { links: [...links1, link("dummy-nats1")] }]),
    "doubled",
    ["doubled-link server0"],
  ],
  [
    "each of two dummies is linked at another upstream",
    changed(["server1", { links: [link("server0"), link("dummy-nats1")] }]),
    "doubled",
    ["doubled-link server0", "link-missing dummy-nats0"],
  ],
  [
    "only the standby is linked",
    changed(
      ["server0", { links: [link("server1"), link("dummy-nats1")] }],
      ["server1", { links: [link("server0"), link("dummy-nats1")] }],
    ),
    "drift",
    ["wrong-linked dummy-nats1"],
  ],
  [
    "the active dummy is linked at one of two upstreams",
    changed(["server1", { links: [link("server0")] }]),
    "degraded",
    ["link-missing dummy-nats0"],
  ],
  [
    "a link has one of its two connections",
    changed(["server1", { links: [link("server0"), link("dummy-nats0", { entries: 1 })] }]),
    "degraded",
    ["link-incomplete dummy-nats0"],
  ],
  [
    "the upstreams do not know each other",
    changed(["server0", { links: [link("dummy-nats0")] }], ["server1", { links: [link("dummy-nats0")] }]),
    "degraded",
    ["mesh-incomplete server0", "mesh-incomplete server1"],
  ],
  [
    "a third dummy, made by hand",
    changed(["server0", { links: [...links0, link("dummy-nats9")] }]),
    "doubled",
    ["doubled-link server0", "foreign-link dummy-nats9"],
  ],
  [
    "a foreign server that uses the standby dummy's name",
    changed(["server0", { links: [...links0, link("dummy-nats1", { id: "ELSE" })] }]),
    "doubled",
    ["doubled-link server0", "foreign-link dummy-nats1"],
  ],
  [
    "a foreign server that uses the active dummy's name, beside it",
    changed(["server0", { links: [...links0, link("dummy-nats0", { id: "ELSE" })] }]),
    "doubled",
    ["doubled-link server0", "foreign-link dummy-nats0"],
  ],
  [
    "a leaf connection of the standby's dummy",
    changed(["server0", { links: [...links0, link("dummy-nats1", { kind: "leaf", id: "", entries: 1 })] }]),
    "doubled",
    ["doubled-link server0"],
  ],
  [
    "the standby's dummy has a link to somewhere else",
    changed(["dummy-nats1", { links: [link("elsewhere")] }]),
    "drift",
    ["foreign-link dummy-nats1"],
  ],
]);
