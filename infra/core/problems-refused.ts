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
    hint: "natsby init local --fresh gives this folder a stack of its own; after a change of clusterSecret put the old one into clusterSecretPrevious",
  },
  "rotation-unfinished": {
    severity: "stopped",
    meaning: "clusterSecretPrevious was taken out of the config before every server accepted the new clusterSecret.",
    did: "Refused; every server goes on with what it has.",
    hint: "put the old secret back into clusterSecretPrevious, pulumi up; when that ended well, take it out again",
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
    exits: [1, 3, 4, 5, 6, 7],
  },
  "config-refused": {
    severity: "stopped",
    meaning: "nats-server itself refuses a config that was to be put in place; its words are quoted.",
    did: "The old config runs on.",
    hint: "natsby status; an edit by hand in the named folder is the usual cause",
  },
  "does-not-run": {
    severity: "stopped",
    meaning:
      "A server was started or reloaded and does not run what its files say: it ended at once, did not answer in time, or reports another config.",
    did: "A server that was just started was stopped again.",
    hint: "read the named log",
  },
  "will-not-stop": {
    severity: "stopped",
    meaning: "A process outlived SIGKILL.",
    did: "What depends on its end was not done.",
    hint: "its disk or kernel hangs: ps -o pid,stat,wchan",
    exits: [4, 6],
  },
  "publisher-failed": {
    severity: "stopped",
    meaning: "A publisher's program could not be started or ended at once.",
    did: "It was not counted as running.",
    hint: "try the named command by hand; its output is in its log",
  },
  "mesh-not-whole": {
    severity: "stopped",
    meaning:
      "A restarted upstream did not get back the links it had, to the other upstreams and to the active dummy. Restarting the next one could leave subscribers without messages.",
    did: "The next upstream was not restarted.",
    hint: "natsby topology",
  },
  "stale-epoch": {
    severity: "stopped",
    meaning:
      "The config has a lower epoch than the hosts have seen: somebody failed over or rejoined after it was written. Bringing it out would undo that.",
    did: "Refused; nothing was changed.",
    hint: "git pull, then pulumi up",
  },
  "stale-commit": {
    severity: "stopped",
    meaning: "This checkout's commit is an ancestor of the one that was deployed last: its config is older.",
    did: "Refused; nothing was changed.",
    hint: "git pull; or natsby adopt; or --accept-stale for one run",
  },
  "active-restart": {
    severity: "stopped",
    meaning: "The change would restart the dummy or publisher that is heard now, or move it to another host.",
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
    meaning:
      "The standby lags behind or leads the active publisher by more than maxLag, or they had no stamp in common in that time. A flip would repeat or skip messages.",
    did: "The flip was refused; nothing was changed.",
    hint: "wait until it caught up, or raise maxLag",
  },
  "not-quiet": {
    severity: "stopped",
    meaning:
      "After the detach an upstream still lists a link, or cannot be asked. Only what every upstream shows proves that nobody is heard.",
    did: "Nothing was attached: the old publisher may still be heard.",
    hint: "see to the named server, then pulumi up again",
    exits: [4],
  },
  "not-fenced": {
    severity: "stopped",
    meaning: "An upstream cannot be told to keep out a server that was given up, and may still take its link.",
    did: "It was fenced at the others, and nothing was attached.",
    hint: "bring that upstream back, or put it into fenced and raise the epoch; --accept-unfenced takes the risk once",
    exits: [4],
  },
  "not-detached": {
    severity: "stopped",
    meaning:
      "A dummy whose pin is missing is let in only after its role file and running config were read back detached in the same run. This one's were not.",
    did: "Its pin was not added.",
    hint: "pulumi up again: it writes the role file first",
    exits: [6, 5, 4],
  },
  "not-fresh": {
    severity: "stopped",
    meaning: "The standby did not hear in time what was heard last of the old publisher.",
    did: "Rolled back: the old publisher is heard again.",
    hint: "natsby verify; natsby logs <publisher>",
    exits: [6, 5, 4],
  },
  "not-attached": {
    severity: "stopped",
    meaning: "An upstream does not list the whole link of the dummy that was attached.",
    did: "Rolled back: the old publisher is heard again, or nobody is.",
    hint: "natsby logs <upstream>",
    exits: [6, 5, 4],
  },
  digest: {
    severity: "stopped",
    meaning: "A server runs another config than its files say.",
    did: "Rolled back.",
    hint: "natsby status",
    exits: [6, 5, 4],
  },
} as const satisfies Record<string, ProblemDefinition>;
