// Problems that a subscriber can find: what `natsby verify` heard, or could not hear. It publishes nothing and changes nothing.

import type { ProblemDefinition } from "./problem-definition.ts";

const listened = "Nothing: it only listened.";

export const heardProblems = {
  "not-heard": {
    severity: "silent",
    meaning:
      "Subscribers did not hear the active publisher for longer than the stack's timeouts.silence, or not at all.",
    did: listened,
    hint: "natsby status; natsby logs {about}",
  },
  "not-listened": {
    severity: "unknown",
    meaning: "No subscriber could listen at an upstream all the time, so what is heard there is not known.",
    did: "It listened at the others.",
    hint: "natsby status; natsby logs {about}",
  },
  "numbers-repeat": {
    severity: "unknown",
    meaning:
      "A publisher gave a number twice or went back at its own dummy, as where its clock was stepped. A double at an upstream cannot be told from that.",
    did: "It counted what was heard, and called no such message doubled.",
    hint: "set the clock of its host by steps that are small (chrony, ntpd), or let the publisher wait as the reference publisher does",
  },
  "two-heard": {
    severity: "doubled",
    meaning: "Subscribers heard the same message more than once, or two publishers at the same time.",
    did: listened,
    hint: "natsby status says who is linked; pulumi up detaches every dummy but the active one's",
  },
} as const satisfies Record<string, ProblemDefinition>;
