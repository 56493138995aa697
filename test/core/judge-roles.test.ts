// A dummy's role, on disk and running, and its publisher.

import { routeUrl } from "../../infra/core/role-file.ts";
import { changed, gone, testRows, topology } from "../support/judging.ts";
import { silent } from "../support/observation.ts";

testRows([
  [
    "the standby's role file has routes",
    changed(["dummy-nats1", { roleFile: { state: "attached", routes: topology.upstreams.map(routeUrl) } }]),
    "drift",
    ["role-file-differs dummy-nats1"],
  ],
  [
    "the active role file lacks an upstream",
    changed(["dummy-nats0", { roleFile: { state: "attached", routes: topology.upstreams.map(routeUrl).slice(1) } }]),
    "drift",
    ["role-file-differs dummy-nats0"],
  ],
  [
    "a role file is broken, and what runs is right",
    changed(["dummy-nats1", { roleFile: { state: "broken", problem: "/x/role.conf is empty" } }]),
    "drift",
    ["role-file-broken dummy-nats1"],
  ],
  [
    "nobody could look at a role file",
    changed(["dummy-nats1", { roleFile: null }]),
    "unknown",
    ["role-file-unknown dummy-nats1"],
  ],
  [
    "a dummy runs attached, though its file and the upstreams say detached",
    changed(["dummy-nats1", { attachedRunning: true }]),
    "drift",
    ["role-running-differs dummy-nats1"],
  ],
  ["the active publisher does not run", changed(["dummy-nats0", gone]), "silent", ["active-silent publisher0"]],
  [
    "the active publisher runs and sends nothing",
    changed(["dummy-nats0", { publishing: false }]),
    "silent",
    ["active-silent publisher0"],
  ],
  [
    "a standby publisher sends nothing",
    changed(["dummy-nats1", { publishing: false }]),
    "degraded",
    ["standby-silent publisher1"],
  ],
  [
    "whether a publisher sends is not known",
    changed(["dummy-nats1", { publishing: null }]),
    "unknown",
    ["publisher-unknown publisher1"],
  ],
  [
    "the active one's host is out of reach: that it does not run is not claimed",
    changed(["dummy-nats0", { ...silent, publisherPid: null, publisherPids: null, publishing: null }]),
    "unknown",
    ["server-unknown dummy-nats0"],
  ],
  [
    "somebody else publishes as the standby",
    changed(["dummy-nats1", { ...gone, publishing: true }]),
    "drift",
    ["publisher-unmarked publisher1"],
  ],
  [
    "two processes of one publisher",
    changed(["dummy-nats1", { publisherPids: [301, 9] }]),
    "drift",
    ["process-twice publisher1"],
  ],
]);
