// One stack of remote commands through the real CLI and a real sshd, against the behaviour that is on record for Pulumi's plugin
// `command` 1.2.1. It passes with that plugin as well as with natsby's stand-in.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { freePorts } from "../../support/ports.ts";
import { PulumiTrial } from "../../support/pulumi-trial.ts";
import { makeKey, noSshd, startSshd } from "../../support/sshd.ts";
import { until } from "../../support/until.ts";
import type { Commands } from "./commands.ts";
import { failingThere, printedThere, type Reach, remoteCommands } from "./remote-commands.ts";

suite("a stack of remote commands", { skip: noSshd() ?? false }, async () => {
  const trial = new PulumiTrial(new URL("../../support/command-program.ts", import.meta.url));
  const sshd = await startSshd(["AcceptEnv A B PULUMI_COMMAND_*"]);
  const [agent, agentSocket] = [
    spawn("ssh-agent", ["-D", "-a", join(sshd.folder, "agent")]),
    join(sshd.folder, "agent"),
  ];
  after(async () => {
    agent.kill();
    await sshd[Symbol.asyncDispose]();
    trial[Symbol.dispose]();
  });
  const reach = await reachOf();
  const commands = remoteCommands(reach, sshd.folder);
  const use = (list: Commands) => writeFileSync(join(trial.path, "infra/commands.json"), JSON.stringify(list));
  const lines = (file: string) => readFileSync(join(sshd.folder, file), "utf8").trimEnd().split("\n");

  async function reachOf(): Promise<Reach> {
    await until("the agent listens", () => existsSync(agentSocket));
    execFileSync("ssh-add", ["-q", sshd.key.path], { env: { ...process.env, SSH_AUTH_SOCK: agentSocket } });
    const locked = join(sshd.folder, "locked");
    writeFileSync(locked, sshd.key.privateKey, { mode: 0o600 });
    execFileSync("ssh-keygen", ["-q", "-p", "-P", "", "-N", "locked", "-f", locked]);
    const strange = makeKey(join(sshd.folder, "strange"));
    const [deadPort = 0] = await freePorts(1);
    const { port, user, hostKey, key } = sshd;
    return {
      connection: { host: "127.0.0.1", port, user, hostKey, privateKey: key.privateKey },
      ...{ lockedKey: readFileSync(locked, "utf8"), agentSocket, deadPort },
      ...{ strangeKey: strange.privateKey, strangeHostKey: strange.publicKey },
    };
  }
  const prints = () =>
    Object.fromEntries(
      Object.entries(trial.state()).map(([name, { outputs }]) => [
        name,
        [outputs.stdout, outputs.stderr].map((value) => (isSecret(value) ? "[secret]" : value)),
      ]),
    );

  test("a first preview dials nobody and knows everything but what will be printed", async () => {
    use({ plain: { remote: true, args: { connection: { host: "192.0.2.1" }, create: "echo hello" } } });
    const { code, steps, outputs } = await trial.run("preview");
    assert.equal(code, 0);
    assert.deepEqual(steps, { plain: ["create"] });
    const { connection, ...others } = outputs.plain ?? {};
    assert.ok(isSecret(connection) || connection === "[secret]", JSON.stringify(connection));
    assert.deepEqual(others, { create: "echo hello", stdout: unknown, stderr: unknown });
  });

  test("a connection that names no host is refused at preview", async () => {
    use({ plain: { remote: true, args: { connection: { user: "root" } as never, create: "true" } } });
    const { code, output } = await trial.run("preview");
    assert.notEqual(code, 0);
    assert.match(output, /[Mm]issing.*host/s);
  });

  test("creating runs each command once; those that fail say why and leave nothing behind", async () => {
    const failing = failingThere(reach);
    use({ ...commands, ...Object.fromEntries(Object.entries(failing).map(([name, [spec]]) => [name, spec])) });
    const { code, errors, lines: told } = await trial.run("up", "--continue-on-error");
    assert.equal(code, 1);
    const { stack, nobodyBehindJumpHost = [], ...others } = errors;
    // The SSH library has come to quote a host's words.
    const unquoted = nobodyBehindJumpHost.map((error) => error.replaceAll('"', ""));
    const byCommand = { ...others, nobodyBehindJumpHost: unquoted };
    const expected = Object.entries(failing).map(([name, [, error]]) => [name, [`${error}\n`]]);
    assert.deepEqual(byCommand, Object.fromEntries(expected));
    assert.deepEqual([...(told.both ?? [])].sort(), ["1", "2", "3", "4", "5", "6", "7", "8", "a", "b", "c"]);
    assert.deepEqual([told.quiet, told.errorsOnly], [undefined, ["seen"]]);
    assert.deepEqual(told.nobodyListens, ["Dial 1/2 failed: retrying", "Dial 2/2 failed: retrying"]);
    assert.deepEqual(prints(), printedThere);
  });

  test("a variable that the host does not let in fails the command", async () => {
    const args = { connection: reach.connection, create: "true", environment: { NOT_LET_IN: "1" } };
    use({ ...commands, strange: { remote: true, args } });
    const { code, errors } = await trial.run("up");
    assert.equal(code, 1);
    const [told, failed] = errors.strange ?? [];
    assert.match(told ?? "", /^Unable to set 'NOT_LET_IN'\. This only works if your SSH server/);
    assert.equal(failed, 'could not set environment variable "NOT_LET_IN": ssh: setenv failed\n');
  });

  test("the connection is one secret, with its defaults; what was printed is one only if it was asked for", () => {
    const state = Object.entries(trial.state());
    const secrets = state.flatMap(([name, { outputs }]) =>
      Object.entries(outputs).flatMap(([key, value]) =>
        isSecret(value) && key !== "connection" ? `${name}.${key}` : [],
      ),
    );
    assert.deepEqual(secrets.sort(), ["hidden.stdin", "hiddenOutput.stdout"]);
    for (const [, { inputs, outputs }] of state) assert.ok(isSecret(inputs.connection) && isSecret(outputs.connection));
    assert.doesNotMatch(trial.pulumi("stack", "export", "-s", "trial"), /OPENSSH PRIVATE KEY/);
    const shown = trial.pulumi("stack", "export", "--show-secrets", "-s", "trial");
    for (const said of ["perDialTimeout", "dialErrorLimit"]) assert.ok(shown.includes(said), said);
  });

  test("with nothing changed nothing runs", async () => {
    use(commands);
    const { code, steps } = await trial.run("up");
    assert.deepEqual([code, steps], [0, {}]);
  });

  test("an update runs update, else create, and sees what was printed before unless it asked not to", async () => {
    use({
      ...commands,
      ...Object.fromEntries(["updated", "forgetful"].map((name) => [name, withA(commands, name)])),
      triggered: { remote: true, args: { ...commands.triggered?.args, triggers: ["b"] } as never },
    });
    const { code, steps, diffs } = await trial.run("up");
    assert.equal(code, 0);
    assert.deepEqual([steps.updated, diffs.updated], [["update"], { "environment.A": "update" }]);
    assert.deepEqual([...(steps.triggered ?? [])].sort(), ["create-replacement", "delete-replaced", "replace"]);
    assert.deepEqual(lines("log"), ["made", "made", "unmade"]);
    assert.deepEqual(prints(), { ...printedThere, updated: ["updated after created", ""] });
  });

  test("destroying runs each delete with what the command last printed", async () => {
    const { code } = await trial.run("destroy");
    assert.equal(code, 0);
    assert.deepEqual([lines("log"), lines("parting")], [["made", "made", "unmade", "unmade"], ["out,err"]]);
    assert.deepEqual(trial.state(), {});
  });
});

const withA = (commands: Commands, name: string) => {
  const spec = commands[name];
  assert.ok(spec);
  return { ...spec, args: { ...spec.args, environment: { A: "2" } } };
};

/** How Pulumi writes a value that is not known yet. */
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const isSecret = (value: unknown): boolean => typeof value === "object" && value !== null && "ciphertext" in value;
