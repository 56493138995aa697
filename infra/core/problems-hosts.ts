// Problems with a host of the platforms ssh and docker: what stands between natsby and it.

import type { ProblemDefinition } from "./problem-definition.ts";

const refused = "Refused before anything was changed there.";

export const hostProblems = {
  "host-unreachable": {
    severity: "stopped",
    meaning: "A host does not answer, or what is on it does not: what runs there is not known.",
    did: "Nothing there. What was under way when the connection was lost is done there whole or not at all.",
    hint: "see to its host first: natsby status; natsby doctor looks at every host",
  },
  "host-key": {
    severity: "stopped",
    meaning:
      "A host shows another key than the stack's config has: it was set up anew, or somebody else answers in its place.",
    did: "Hung up before it logged in.",
    hint: "if it was set up anew: natsby hosts scan {about}; else find out who answers there",
  },
  "host-login": {
    severity: "stopped",
    meaning: "A host does not accept natsby's key, or natsby has none for it.",
    did: refused,
    hint: "sshPrivateKeys in the stack's config, or ssh-add; the public half belongs into authorized_keys on the host",
  },
  "host-sudo": {
    severity: "stopped",
    meaning: "The user that natsby is on a host is not root and may not become root by sudo without a password.",
    did: refused,
    hint: "the two lines of sudoers in docs/ssh.md",
  },
} as const satisfies Record<string, ProblemDefinition>;
