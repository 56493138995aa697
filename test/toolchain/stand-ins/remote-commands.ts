// The remote commands of the comparison, and what Pulumi's plugin `command` 1.2.1 is on record to do with each.

import type { remote, types } from "@pulumi/command";
import type { CommandSpec } from "../../support/command-program.ts";
import type { Commands } from "./commands.ts";

/** How to reach the host of the test, and keys and ports that do not work. */
export interface Reach {
  readonly connection: types.input.remote.ConnectionArgs;
  /** The same key, locked by the passphrase "locked". */
  readonly lockedKey: string;
  readonly strangeKey: string;
  readonly strangeHostKey: string;
  readonly agentSocket: string;
  readonly deadPort: number;
}

const on = (connection: Reach["connection"], args: Omit<remote.CommandArgs, "connection">): CommandSpec => ({
  remote: true,
  args: { connection, ...args },
});

/** Everything a remote command can be given. */
export function remoteCommands({ connection, lockedKey, agentSocket }: Reach, folder: string): Commands {
  const { privateKey: _, ...keyless } = connection;
  const { hostKey: __, ...trusting } = connection;
  const here = (args: Omit<remote.CommandArgs, "connection">) => on(connection, args);
  return {
    plain: here({ create: "echo hello" }),
    input: here({ create: "cat", stdin: "one\ntwo" }),
    silent: here({ create: "cat; test -t 0 || echo no terminal" }),
    environment: here({ create: 'echo "$A $B"', environment: { A: "1", B: "é" } }),
    hidden: { ...here({ create: "tr a-z A-Z", stdin: "pass" }), secrets: ["stdin"] },
    hiddenOutput: { ...here({ create: "echo pass" }), options: { additionalSecretOutputs: ["stdout"] } },
    triggered: here({
      create: `echo made >> ${folder}/log`,
      delete: `echo unmade >> ${folder}/log`,
      triggers: ["a"],
    }),
    updated: here({
      create: "echo created",
      update: 'echo "updated after $PULUMI_COMMAND_STDOUT"',
      environment: { A: "1" },
    }),
    forgetful: here({
      create: 'echo "[$PULUMI_COMMAND_STDOUT]"',
      addPreviousOutputInEnv: false,
      environment: { A: "1" },
    }),
    empty: here({}),
    lineEnds: here({ create: "printf 'a\\n\\n'; printf b >&2" }),
    both: here({ create: "for n in 1 2 3 4 5 6 7 8; do echo $n; done; for n in a b c; do echo $n >&2; done" }),
    quiet: here({ create: "echo unseen", logging: "none" }),
    errorsOnly: here({ create: "echo unseen; echo seen >&2", logging: "stderr" }),
    parting: here({
      create: "echo out; echo err >&2",
      delete: `echo "$PULUMI_COMMAND_STDOUT,$PULUMI_COMMAND_STDERR" > ${folder}/parting`,
    }),
    byAgent: on({ ...keyless, agentSocketPath: agentSocket }, { create: "echo agent" }),
    byLockedKey: on({ ...keyless, privateKey: lockedKey, privateKeyPassword: "locked" }, { create: "echo locked" }),
    anyHostKey: on(trusting, { create: "echo any" }),
    overJumpHost: on({ ...connection, proxy: connection }, { create: "echo jumped" }),
  };
}

/** What each prints when it is created. */
export const printedThere: Readonly<Record<string, readonly [stdout: string, stderr: string]>> = {
  plain: ["hello", ""],
  input: ["one\ntwo", ""],
  silent: ["no terminal", ""],
  environment: ["1 é", ""],
  hidden: ["PASS", ""],
  hiddenOutput: ["[secret]", ""],
  triggered: ["", ""],
  updated: ["created", ""],
  forgetful: ["[]", ""],
  empty: ["", ""],
  lineEnds: ["a\n", "b"],
  both: ["1\n2\n3\n4\n5\n6\n7\n8", "a\nb\nc"],
  quiet: ["unseen", ""],
  errorsOnly: ["unseen", "seen"],
  parting: ["out", "err"],
  byAgent: ["agent", ""],
  byLockedKey: ["locked", ""],
  anyHostKey: ["any", ""],
  overJumpHost: ["jumped", ""],
};

const refusedLogin =
  "ssh: handshake failed: ssh: unable to authenticate, attempted methods [none publickey], no supported methods remain";

/** Remote commands that fail, each with the error on record. */
export function failingThere(reach: Reach): Readonly<Record<string, readonly [CommandSpec, error: string]>> {
  const { connection, deadPort, strangeKey, strangeHostKey } = reach;
  const dead = { ...connection, port: deadPort };
  const refused = `connect: connection refused`;
  const create = "echo x";
  return {
    exits: [
      on(connection, { create: 'echo a\necho "é\t"; exit 3' }),
      'Process exited with status 3: running "echo a\\necho \\"é\\t\\"; exit 3":\na\né\t\n',
    ],
    killed: [
      on(connection, { create: "kill -TERM $$" }),
      'Process exited with status 143 from signal TERM: running "kill -TERM $$":\n',
    ],
    wrongKey: [
      on({ ...connection, privateKey: strangeKey, dialErrorLimit: 1 }, { create }),
      `after 1 failed attempts: ${refusedLogin}`,
    ],
    brokenKey: [on({ ...connection, privateKey: "x" }, { create }), "ssh: no key found"],
    changedHostKey: [
      on({ ...connection, hostKey: strangeHostKey, dialErrorLimit: 0 }, { create }),
      "after 0 failed attempts: ssh: handshake failed: ssh: host key mismatch",
    ],
    brokenHostKey: [on({ ...connection, hostKey: "x" }, { create }), "failed to parse host key: ssh: no key found"],
    noAgent: [
      on({ ...connection, agentSocketPath: "/no/such" }, { create }),
      "dial unix /no/such: connect: no such file or directory",
    ],
    nobodyListens: [
      on({ ...dead, dialErrorLimit: 2 }, { create }),
      `after 2 failed attempts: dial tcp 127.0.0.1:${deadPort}: ${refused}`,
    ],
    noJumpHost: [
      on({ ...connection, proxy: { ...dead, dialErrorLimit: 0 } }, { create }),
      `proxy: after 0 failed attempts: dial tcp 127.0.0.1:${deadPort}: ${refused}`,
    ],
    nobodyBehindJumpHost: [
      on({ ...dead, dialErrorLimit: 0, proxy: connection }, { create }),
      "proxy: after 0 failed attempts: ssh: rejected: connect failed (Connection refused)",
    ],
  };
}
