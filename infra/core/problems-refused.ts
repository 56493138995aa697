// Problems for which natsby refuses to begin or to go on. Each names itself by its code in the error, with its exit code.

import type { ProblemDefinition } from "./problem-definition.ts";

export const refusedProblems = {
  config: {
    severity: "stopped",
    meaning: "The stack's config has values natsby cannot use; each is named with its path.",
    did: "Refused before anything was touched.",
    hint: "change the named values with pulumi config set, or in stacks/Pulumi.<stack>.yaml",
  },
  "odd-folder": {
    severity: "stopped",
    meaning: "Pulumi or a shell cannot work in a folder of this name.",
    did: "Nothing.",
    hint: "move or rename the folder, then npm start there",
  },
  "cache-read-only": {
    severity: "stopped",
    meaning: "natsby's cache folder cannot be written.",
    did: "Nothing.",
    hint: "NATSBY_CACHE=/some/folder npm start",
  },
  "disk-full": {
    severity: "stopped",
    meaning: "There is too little room on the disk for what is to be built.",
    did: "Nothing was built.",
    hint: "free some room, or name another disk: NATSBY_CACHE=/some/folder npm start",
  },
  "foreign-folder": {
    severity: "stopped",
    meaning: "The stack's dataDir belongs to another stack or another folder.",
    did: "Refused; nothing was written there.",
    hint: "natsby init local --fresh gives this folder a stack of its own",
  },
  "still-running": {
    severity: "stopped",
    meaning: "A stack that still runs would be left to nobody.",
    did: "Refused.",
    hint: "npm stop",
  },
  "no-ports": {
    severity: "stopped",
    meaning: "No block of free ports was found on this machine.",
    did: "Nothing was started.",
    hint: "stop what listens there, or set basePort in the stack's config",
  },
  "port-taken": {
    severity: "stopped",
    meaning: "A port that a server of the stack needs is taken by another program, which is named.",
    did: "The server was not started.",
    hint: "stop that program, or give the server another port in the stack's config",
  },
  "pulumi-failed": {
    severity: "stopped",
    meaning: "A question to Pulumi's CLI failed; its own words are quoted.",
    did: "Nothing.",
    hint: 'eval "$(npx natsby env)", then try that command by hand',
  },
  "up-failed": {
    severity: "stopped",
    meaning: "pulumi up did not end well.",
    did: "What was done before stands; nothing that depends on the failed step ran.",
    hint: "pulumi up again goes on where it stopped",
  },
  "config-refused": {
    severity: "stopped",
    meaning: "nats-server itself refuses a config that was to be put in place; its words are quoted.",
    did: "The old config runs on.",
    hint: "natsby status; an edit by hand in the named folder is the usual cause",
  },
  "does-not-run": {
    severity: "stopped",
    meaning: "A server was started or reloaded and does not run what its files say.",
    did: "A server that was just started was stopped again.",
    hint: "read the named log",
  },
  "will-not-stop": {
    severity: "stopped",
    meaning: "A process outlived SIGKILL.",
    did: "What depends on its end was not done.",
    hint: "its disk or kernel hangs: ps -o pid,stat,wchan",
  },
  "publisher-failed": {
    severity: "stopped",
    meaning: "A publisher's program could not be started or ended at once.",
    did: "It was not counted as running.",
    hint: "try the named command by hand; its output is in its log",
  },
  "mesh-not-whole": {
    severity: "stopped",
    meaning: "A restarted upstream did not get back the links it had.",
    did: "The next upstream was not restarted.",
    hint: "natsby topology",
  },
  "stale-epoch": {
    severity: "stopped",
    meaning: "The config is older than what the hosts have seen: a failover came after it.",
    did: "Refused; nothing was changed.",
    hint: "git pull, then pulumi up",
  },
  "active-restart": {
    severity: "stopped",
    meaning: "The change would restart the dummy or publisher that is heard now.",
    did: "Refused; nothing was changed.",
    hint: "flip first, then make the change; or pulumi config set allowActiveRestart true",
  },
  "upstream-unknown": {
    severity: "stopped",
    meaning: "An upstream cannot be asked, so who is heard there is not known.",
    did: "The flip was refused; nothing was changed.",
    hint: "natsby status; natsby logs <upstream>",
  },
  "target-unknown": {
    severity: "stopped",
    meaning: "The dummy that should be attached cannot be asked.",
    did: "The flip was refused; nothing was changed.",
    hint: "natsby logs <dummy>",
  },
  "target-silent": {
    severity: "stopped",
    meaning: "The publisher that should be heard says nothing.",
    did: "The flip was refused; nothing was changed.",
    hint: "natsby logs <publisher>; a rare publisher needs a longer timeouts.silence",
  },
  lag: {
    severity: "stopped",
    meaning: "The standby lags behind or leads the active publisher by more than maxLag.",
    did: "The flip was refused; nothing was changed.",
    hint: "wait until it caught up, or raise maxLag",
  },
  "not-quiet": {
    severity: "stopped",
    meaning: "After the detach an upstream still lists a link, or cannot be asked.",
    did: "Nothing was attached: the old publisher may still be heard.",
    hint: "see to the named server, then pulumi up again",
  },
  "not-detached": {
    severity: "stopped",
    meaning: "A dummy does not read back detached, so it is not let in.",
    did: "Its pin was not added.",
    hint: "pulumi up again: it writes the role file first",
  },
  "not-fresh": {
    severity: "stopped",
    meaning: "The standby did not hear in time what was heard last of the old publisher.",
    did: "Rolled back: the old publisher is heard again.",
    hint: "natsby verify; natsby logs <publisher>",
  },
  "not-attached": {
    severity: "stopped",
    meaning: "An upstream does not list the whole link of the dummy that was attached.",
    did: "Rolled back: the old publisher is heard again, or nobody is.",
    hint: "natsby logs <upstream>",
  },
  digest: {
    severity: "stopped",
    meaning: "A server runs another config than its files say.",
    did: "Rolled back.",
    hint: "natsby status",
  },
} as const satisfies Record<string, ProblemDefinition>;
