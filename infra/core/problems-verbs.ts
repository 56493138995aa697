// Problems of the verbs that change who is heard: why they refuse, and what stands in their way.

import type { ProblemDefinition } from "./problem-definition.ts";

const refused = "Refused; nothing was changed.";

export const verbProblems = {
  paused: {
    severity: "note",
    meaning: "Somebody paused the stack: until then nobody else may be heard than now. Repairs go on.",
    did: "A flip is refused with it; a status only shows it.",
    hint: "wait until then, or natsby resume",
  },
  "stale-premise": {
    severity: "stopped",
    meaning: "The publisher named with --from is not the one that is heard.",
    did: refused,
    hint: "natsby status shows who is heard; leave --from away, or name that one",
  },
  "target-fenced": {
    severity: "stopped",
    meaning: "The publisher that should be heard is fenced: it was given up by a failover.",
    did: refused,
    hint: "natsby rejoin <publisher>",
  },
  "target-active": {
    severity: "stopped",
    meaning: "A failover was asked to the publisher that is heard already.",
    did: refused,
    hint: "natsby status",
  },
  "active-unreachable": {
    severity: "stopped",
    meaning: "The publisher that is heard, or was last, cannot be reached: a planned flip needs both sides.",
    did: refused,
    hint: "natsby failover --to <publisher> --reason <why> fences it first",
  },
  "doubled-now": {
    severity: "stopped",
    meaning: "More than one publisher may be heard now, so who would be taken off is not known.",
    did: refused,
    hint: "pulumi up mends it: it detaches all but the configured one",
  },
  "no-reason": {
    severity: "stopped",
    meaning: "This needs a reason, which goes into the history.",
    did: refused,
    hint: 'add --reason "…"',
  },
  "not-fenced": {
    severity: "stopped",
    meaning: "Only a fenced publisher or upstream can rejoin.",
    did: refused,
    hint: "natsby status names those that are fenced",
  },
  "config-changed": {
    severity: "stopped",
    meaning: "Somebody changed the stack's config file while the verb worked on it.",
    did: "Their text was left as it is.",
    hint: "look at the file, then type the command again",
  },
  "who-unknown": {
    severity: "stopped",
    meaning: "Who is heard could not be seen at every upstream, or nobody is.",
    did: refused,
    hint: "natsby status",
  },
} as const satisfies Record<string, ProblemDefinition>;
