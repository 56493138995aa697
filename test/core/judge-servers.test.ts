// One server by itself: whether it answers, who answers, and whether it runs its files.

import { changed, nothing, testRows, withoutServer1 } from "../support/judging.ts";
import { down, silent } from "../support/observation.ts";

testRows([
  [
    "an upstream is down",
    changed(["server1", nothing("server1")], ...withoutServer1),
    "degraded",
    ["upstream-down server1"],
  ],
  ["a standby's dummy is down", changed(["dummy-nats1", nothing("")]), "drift", ["dummy-down dummy-nats1"]],
  ["an upstream does not answer", changed(["server1", silent]), "unknown", ["server-unknown server1"]],
  ["a standby's dummy does not answer", changed(["dummy-nats1", silent]), "unknown", ["server-unknown dummy-nats1"]],
  [
    "the active dummy does not answer, and upstreams still list its link",
    changed(["dummy-nats0", silent]),
    "unknown",
    ["server-unknown dummy-nats0"],
  ],
  [
    "nobody is linked where it can be seen, and one upstream says nothing: silence is not known",
    changed(["server0", { links: [] }], ["server1", silent], ["dummy-nats0", { links: [] }]),
    "unknown",
    ["server-unknown server1"],
  ],
  [
    "another server answers on an upstream's port",
    changed(["server1", { ...down, foreign: "a nats-server called x answers on 127.0.0.1:1" }], ...withoutServer1),
    "degraded",
    ["foreign-server server1"],
  ],
  ["two processes of one server", changed(["server0", { pids: [100, 5] }]), "drift", ["process-twice server0"]],
  [
    "a server runs what its files no longer say",
    changed(["server0", { digest: { want: "sha256:a", running: "sha256:b" } }]),
    "drift",
    ["running-differs server0"],
  ],
  [
    "whether it runs its files is not known",
    changed(["server0", { digest: { want: null, running: "sha256:b" } }]),
    "unknown",
    ["digest-unknown server0"],
  ],
  ["files that nats-server refuses", changed(["server0", { filesProblem: "x" }]), "drift", ["files-broken server0"]],
  [
    "passwords and lists by hand, loaded too",
    changed(["server0", { editedFiles: ["keys.conf", "lists.conf"] }]),
    "drift",
    ["files-differ server0"],
  ],
  ["another nats.conf", changed(["dummy-nats1", { baseAsAsked: false }]), "drift", ["config-differs dummy-nats1"]],
  [
    "a server answers, but not about its links",
    changed(["server0", { links: null }]),
    "unknown",
    ["server-unknown server0"],
  ],
  [
    "an upstream lets in too few and too many",
    changed(["server0", { pinsFile: { state: "read", servers: ["server0", "server1", "dummy-nats0", "x"] } }]),
    "drift",
    ["pin-missing server0", "pin-extra server0"],
  ],
  [
    "a broken pins file",
    changed(["server0", { pinsFile: { state: "broken", problem: "x" } }]),
    "drift",
    ["pins-broken server0"],
  ],
]);
