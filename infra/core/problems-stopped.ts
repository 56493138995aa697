// Problems that end a run of natsby. Each names itself by its code in the error, and its exit code is in exit-codes.ts.

import type { ProblemDefinition } from "./problem-definition.ts";

export const stoppedProblems = {
  refused: {
    severity: "stopped",
    meaning:
      "What was asked cannot be done as things stand; the text says why. It is the code of whatever has none of its own.",
    did: "Refused; nothing was changed.",
    hint: "see the text of the error",
  },
  "no-stack": {
    severity: "stopped",
    meaning: "There is no such stack: no file of that name in stacks/.",
    did: "Nothing.",
    hint: "npm start makes the stack local",
  },
  "no-such-name": {
    severity: "stopped",
    meaning: "The stack has no server or publisher of that name.",
    did: "Nothing.",
    hint: "natsby status lists them",
  },
  "no-secret": {
    severity: "stopped",
    meaning: "The stack's clusterSecret could not be read, so no password could be derived.",
    did: "Nothing.",
    hint: 'eval "$(npx natsby env)" sets what Pulumi needs to read it',
  },
  "no-proc": {
    severity: "stopped",
    meaning: "This machine has no /proc, by which natsby finds its own processes.",
    did: "Nothing.",
    hint: "the platform local runs on Linux",
  },
  interrupted: {
    severity: "stopped",
    meaning: "A cutover was told to stop, or the run that started it is gone, before it had changed anything.",
    did: "It stopped. Once it takes dummies off, it finishes or rolls back instead.",
    hint: "pulumi up again",
  },
  locked: {
    severity: "stopped",
    meaning: "Another run of natsby holds the lock of this host or stack.",
    did: "Nothing was changed by this run.",
    hint: "wait for it; a stopped one is shown by ps -o pid,stat,args -C node",
    exits: [7],
  },
  superseded: {
    severity: "stopped",
    meaning: "A host has seen a later epoch or ticket: this run is older and may not write.",
    did: "The host refused the write.",
    hint: "natsby status; pulumi up again if the config is still what you want",
    exits: [7],
  },
  unwritable: {
    severity: "stopped",
    meaning: "A file of natsby's cannot be written: the disk is full or read-only, or something else stands there.",
    did: "The file is as it was.",
    hint: "ls -ld and df on the path that is named say why",
  },
  "guard-broken": {
    severity: "stopped",
    meaning: "A host's record of what it has seen cannot be read.",
    did: "Refused to write there blindly.",
    hint: 'put {"epoch":0,"ticket":0,"fenced":[]} there if no other cutover is running',
  },
  "foreign-reply": {
    severity: "stopped",
    meaning: "One server was asked and another one answered.",
    did: "The answer was not used.",
    hint: "natsby status; natsby topology",
  },
  "server-refused": {
    severity: "stopped",
    meaning: "A server refused a request, for instance a config that it cannot reload. Its own words are quoted.",
    did: "The server goes on with its old config.",
    hint: "natsby logs <server>",
  },
  "no-answer": {
    severity: "stopped",
    meaning: "A server did not answer a request within its bound.",
    did: "What it did with the request is not known.",
    hint: "natsby status; natsby logs <server>",
  },
  "tool-missing": {
    severity: "stopped",
    meaning: "A tool that natsby needs is not on this machine.",
    did: "Nothing.",
    hint: "npm start brings it; natsby doctor lists what is missing",
  },
} as const satisfies Record<string, ProblemDefinition>;
