// Problems that a look at the running servers can find. Finding them changes nothing: status, verify and preview only look.

import type { ProblemDefinition } from "./problem-definition.ts";

const looked = "Nothing: it only looked.";

export const seenProblems = {
  "doubled-link": {
    severity: "doubled",
    meaning: "More than one server that is no upstream is linked to the cluster, so messages may be heard twice.",
    did: looked,
    hint: "pulumi up detaches every dummy but the active one's; natsby topology shows who is linked",
  },
  stopped: {
    severity: "silent",
    meaning: "No process of the stack runs on this machine.",
    did: looked,
    hint: "npm start",
  },
  "nobody-linked": {
    severity: "silent",
    meaning: "No upstream has a link from any dummy of this stack: nobody is heard.",
    did: looked,
    hint: "pulumi up attaches {active}",
  },
  "active-silent": {
    severity: "silent",
    meaning: "The publisher that should be heard sends nothing to its dummy.",
    did: looked,
    hint: "natsby logs {about}; or flip: pulumi config set activePublisher <another>, then pulumi up",
  },
  "server-unknown": {
    severity: "unknown",
    meaning: "A server did not answer in time, or not as expected. What it does is not known, so it is not called ok.",
    did: looked,
    hint: "natsby logs {about}; a frozen process goes on with kill -CONT {pid}",
  },
  "publisher-unknown": {
    severity: "unknown",
    meaning: "The dummy answers, but not about its publisher's connection.",
    did: looked,
    hint: "natsby logs {about}; natsby status again",
  },
  "digest-unknown": {
    severity: "unknown",
    meaning: "Whether the server runs what its files say could not be compared.",
    did: looked,
    hint: "natsby doctor says whether nats-server can be run here",
  },
  "role-file-unknown": {
    severity: "unknown",
    meaning: "Nobody could look at the dummy's role file.",
    did: looked,
    hint: "run natsby on the host of {about}, as the user that started the stack",
  },
  "upstream-down": {
    severity: "degraded",
    meaning: "An upstream is not running, so its subscribers hear nothing.",
    did: looked,
    hint: "natsby logs {about}; pulumi up starts it again",
  },
  "link-missing": {
    severity: "degraded",
    meaning: "The active dummy is linked to some upstreams and not to others, whose subscribers hear nothing.",
    did: looked,
    hint: "natsby logs {about}; pulumi up links it everywhere",
  },
  "link-incomplete": {
    severity: "degraded",
    meaning: "A link has fewer connections than it needs: messages may not pass.",
    did: looked,
    hint: "look again in a second: natsby status; if it stays, pulumi up",
  },
  "mesh-incomplete": {
    severity: "degraded",
    meaning: "Two upstreams are not linked to each other, so what is published at one is not heard at the other.",
    did: looked,
    hint: "natsby logs {about}; pulumi up",
  },
  "standby-silent": {
    severity: "degraded",
    meaning: "A standby publisher sends nothing to its dummy: a flip to it would be refused.",
    did: looked,
    hint: "natsby logs {about}; pulumi up starts what does not run",
  },
  "foreign-server": {
    severity: "degraded",
    meaning: "Another program, or another stack's server, answers where one of this stack's servers should.",
    did: "It was not asked for anything else.",
    hint: "stop what listens there, or give {about} another port in the config; then pulumi up",
  },
  "dummy-down": {
    severity: "drift",
    meaning: "A publisher's dummy is not running.",
    did: looked,
    hint: "natsby logs {about}; pulumi up starts it again",
  },
  "foreign-link": {
    severity: "drift",
    meaning: "A server that is not of this stack is linked to it, perhaps under the name of one that is.",
    did: looked,
    hint: "find and stop it (natsby topology shows where it is linked), or add it to the config",
  },
  "fenced-linked": {
    severity: "drift",
    meaning: "A dummy that was given up is linked all the same: its fence does not hold.",
    did: looked,
    hint: "pulumi up puts the fence back",
  },
  "fence-open": {
    severity: "drift",
    meaning:
      "An upstream would still let in a server that was given up: it was not there when that was fenced, or it was edited.",
    did: looked,
    hint: "pulumi up fences it there; until then {about} may take its link",
  },
  "fenced-back": {
    severity: "drift",
    meaning: "A server that was given up runs again. Its fence keeps it out, and nothing of natsby's contacts it.",
    did: looked,
    hint: "natsby rejoin {about} takes it back",
  },
  "wrong-linked": {
    severity: "drift",
    meaning: "The dummy of a standby publisher is linked instead of the active one's.",
    did: looked,
    hint: "pulumi up flips back to {active}",
  },
  "role-file-broken": {
    severity: "drift",
    meaning:
      "A dummy's role file is missing, cut short or not what natsby writes. What runs is judged by the upstreams, not by it.",
    did: looked,
    hint: "pulumi up writes it again",
  },
  "role-file-differs": {
    severity: "drift",
    meaning:
      "A dummy's role file says another role than the stack deployed: it takes that role at its next restart or reload.",
    did: looked,
    hint: "pulumi up writes it again",
  },
  "role-running-differs": {
    severity: "drift",
    meaning: "A dummy runs with another role than its file says.",
    did: looked,
    hint: "pulumi up repairs it, detaching first",
  },
  "running-differs": {
    severity: "drift",
    meaning:
      "A server runs another config than its files hold: a file was edited and not loaded, or loading it was refused.",
    did: looked,
    hint: "pulumi preview --diff shows it; pulumi up repairs it",
  },
  "files-broken": {
    severity: "drift",
    meaning: "nats-server refuses the config files on disk: the server would not start again.",
    did: looked,
    hint: "pulumi up writes them again",
  },
  "config-differs": {
    severity: "drift",
    meaning:
      "A server's nats.conf is not what the config asks for: edited by hand, or a change that was not brought out yet.",
    did: looked,
    hint: "pulumi preview --diff shows it; pulumi up writes it",
  },
  "files-differ": {
    severity: "drift",
    meaning:
      "A server's keys.conf (users and passwords) or lists.conf (subjects, or whom it dials) is not what natsby put there, loaded or not.",
    did: looked,
    hint: "pulumi up writes it again, and has it loaded",
  },
  "pins-broken": {
    severity: "drift",
    meaning: "The file that says who may link to an upstream is missing or not what natsby writes.",
    did: looked,
    hint: "pulumi up writes it again",
  },
  "pin-missing": {
    severity: "drift",
    meaning: "An upstream does not let in a server of the stack.",
    did: looked,
    hint: "pulumi up writes the pins again",
  },
  "pin-extra": {
    severity: "drift",
    meaning: "An upstream lets in a server that the stack does not know, or gave up.",
    did: looked,
    hint: "pulumi up writes the pins again",
  },
  "process-twice": {
    severity: "drift",
    meaning: "Two processes carry the name of one server or publisher.",
    did: looked,
    hint: "pulumi up stops all but the right one; pid {pid} is the oldest",
  },
  "publisher-unmarked": {
    severity: "drift",
    meaning: "Somebody publishes as this publisher, and it is not the process that natsby started.",
    did: looked,
    hint: "end that process and run pulumi up; a program that overwrites its environment needs SPT_NOENV=1",
  },
  "stray-process": {
    severity: "drift",
    meaning: "A process of this stack runs whose server or publisher is no longer in the config.",
    did: looked,
    hint: "pulumi up, or kill {pid}",
  },
  "stale-config": {
    severity: "drift",
    meaning: "The servers run a later epoch than this config: somebody failed over or rejoined since it was written.",
    did: looked,
    hint: "take the newest config first: git pull",
  },
  "epoch-behind": {
    severity: "drift",
    meaning: "Servers run an earlier epoch than the config asks for.",
    did: looked,
    hint: "pulumi up",
  },
  "flip-pending": {
    severity: "note",
    meaning:
      "The config asks for another active publisher than the last `pulumi up` brought: no drift, only not done yet.",
    did: looked,
    hint: "pulumi up flips to {asked}; pulumi config set activePublisher {active} takes it back",
  },
  "cutover-unfinished": {
    severity: "note",
    meaning: "The journal has a cutover that began and has not ended: it is under way, or it was killed.",
    did: looked,
    hint: "if no pulumi up is running: pulumi up finishes it",
  },
} as const satisfies Record<string, ProblemDefinition>;
