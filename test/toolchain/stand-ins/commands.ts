// The commands of the comparison, and what Pulumi's plugin `command` 1.2.1 is on record to do with each.

import type { CommandSpec } from "../../support/command-program.ts";

/** Commands by name. */
export type Commands = Readonly<Record<string, CommandSpec>>;

/** Everything a local command can be given. */
export const commands: Commands = {
  plain: { args: { create: "echo hello" } },
  here: { args: { create: "pwd" } },
  elsewhere: { args: { create: "pwd", dir: "/" } },
  input: { args: { create: "cat", stdin: "one\ntwo" } },
  silent: { args: { create: "cat; test -t 0 || echo no terminal" } },
  environment: { args: { create: 'echo "$A $B"', environment: { A: "1", B: "é" } } },
  hidden: { args: { create: "tr a-z A-Z", stdin: "pass" }, secrets: ["stdin"] },
  hiddenOutput: { args: { create: "echo pass" }, options: { additionalSecretOutputs: ["stdout"] } },
  traced: { args: { create: "echo traced", interpreter: ["/bin/sh", "-xc"] } },
  usual: { args: { create: 'echo "$0"', interpreter: [] } },
  triggered: { args: { create: "echo made >> log", delete: "echo unmade >> log", triggers: ["a"] } },
  untriggered: { args: { create: "echo untriggered", triggers: ["a"] } },
  updated: {
    args: { create: "echo created", update: 'echo "updated after $PULUMI_COMMAND_STDOUT"', environment: { N: "1" } },
  },
  forgetful: {
    args: { create: 'echo "[$PULUMI_COMMAND_STDOUT]"', addPreviousOutputInEnv: false, environment: { N: "1" } },
  },
  empty: { args: {} },
  lineEnds: { args: { create: "printf 'a\\n\\n'; printf b >&2" } },
  both: { args: { create: "for n in 1 2 3 4 5 6 7 8; do echo $n; done; for n in a b c; do echo $n >&2; done" } },
  quiet: { args: { create: "echo unseen", logging: "none" } },
  errorsOnly: { args: { create: "echo unseen; echo seen >&2", logging: "stderr" } },
  parting: {
    args: {
      create: "echo out; echo err >&2",
      delete: 'echo "$PULUMI_COMMAND_STDOUT,$PULUMI_COMMAND_STDERR" > parting',
    },
  },
  dependent: { args: { create: 'echo "got $A"' }, after: "plain" },
};

/** What each prints when it is created; `infra` stands for the program's folder. */
export const printed: Readonly<Record<string, readonly [stdout: string, stderr: string]>> = {
  plain: ["hello", ""],
  here: ["infra", ""],
  elsewhere: ["/", ""],
  input: ["one\ntwo", ""],
  silent: ["no terminal", ""],
  environment: ["1 é", ""],
  hidden: ["PASS", ""],
  hiddenOutput: ["[secret]", ""],
  traced: ["traced", "+ echo traced"],
  usual: ["/bin/sh", ""],
  triggered: ["", ""],
  untriggered: ["untriggered", ""],
  updated: ["created", ""],
  forgetful: ["[]", ""],
  empty: ["", ""],
  lineEnds: ["a\n", "b"],
  both: ["1\n2\n3\n4\n5\n6\n7\n8", "a\nb\nc"],
  quiet: ["unseen", ""],
  errorsOnly: ["unseen", "seen"],
  parting: ["out", "err"],
  dependent: ["got hello", ""],
};

/** Commands that fail, each with the error on record. */
export const failing: Readonly<Record<string, readonly [CommandSpec, error: string]>> = {
  exits: [
    { args: { create: 'echo a\necho "é\t"; exit 3' } },
    'exit status 3: running "echo a\\necho \\"é\\t\\"; exit 3":\na\né\t\n',
  ],
  noShell: [
    { args: { create: "x", interpreter: ["/no/such"] } },
    'fork/exec /no/such: no such file or directory: running "x":\n',
  ],
  noFolder: [{ args: { create: "x", dir: "/no/such" } }, 'chdir /no/such: no such file or directory: running "x":\n'],
  killed: [{ args: { create: "kill -9 $$" } }, 'signal: killed: running "kill -9 $$":\n'],
  late: [
    { args: { create: "echo begun; sleep 60" }, options: { customTimeouts: { create: "300ms" } } },
    'signal: killed: running "echo begun; sleep 60":\nbegun\n',
  ],
};

/** The commands after many edits: one thing of each changes. */
export const edited: Commands = {
  ...commands,
  plain: { args: { create: "echo hello again" } },
  elsewhere: { args: { create: "pwd", dir: "/", triggers: ["new"] } },
  input: { args: { create: "cat" } },
  environment: { args: { create: 'echo "$A $B"', environment: { A: "1", B: "ü" } } },
  hidden: { args: { create: "tr a-z A-Z", stdin: "word" }, secrets: ["stdin"] },
  triggered: { args: { create: "echo made >> log", delete: "echo unmade >> log", triggers: ["b", "c"] } },
  untriggered: { args: { create: "echo untriggered" } },
  updated: { ...commands.updated, args: { ...commands.updated?.args, environment: { N: "2" } } },
  forgetful: { ...commands.forgetful, args: { ...commands.forgetful?.args, environment: { N: "2" } } },
  empty: { args: { stdin: "now" } },
};

/** How each edit shows: the operations, and the paths that differ. */
export const edits: Readonly<Record<string, readonly [steps: string, diff: Readonly<Record<string, string>>]>> = {
  plain: ["update", { create: "update" }],
  elsewhere: ["replace", { triggers: "add-replace" }],
  input: ["update", { stdin: "delete" }],
  environment: ["update", { "environment.B": "update" }],
  hidden: ["update", { stdin: "update" }],
  triggered: ["replace", { "triggers[0]": "update-replace", "triggers[1]": "add-replace" }],
  untriggered: ["replace", { triggers: "delete-replace" }],
  updated: ["update", { "environment.N": "update" }],
  forgetful: ["update", { "environment.N": "update" }],
  empty: ["update", { stdin: "add" }],
  dependent: ["update", { "environment.A": "update" }],
};

/** What the edited commands print. */
export const printedAfterEdits: typeof printed = {
  ...printed,
  plain: ["hello again", ""],
  input: ["", ""],
  environment: ["1 ü", ""],
  hidden: ["WORD", ""],
  updated: ["updated after created", ""],
  dependent: ["got hello again", ""],
};
