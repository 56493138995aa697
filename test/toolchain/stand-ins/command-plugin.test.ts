// One stack of many commands through the real CLI, from its first preview to its end, against the behaviour that is on
// record for Pulumi's plugin `command` 1.2.1. It passes with that plugin as well as with natsby's stand-in.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { PulumiTrial } from "../../support/pulumi-trial.ts";
import { type Commands, commands, edited, edits, failing, printed, printedAfterEdits } from "./commands.ts";

suite("a stack of commands", () => {
  const trial = new PulumiTrial(new URL("../../support/command-program.ts", import.meta.url));
  after(() => trial[Symbol.dispose]());
  const infra = join(trial.path, "infra");
  const use = (list: Commands) => writeFileSync(join(infra, "commands.json"), JSON.stringify(list));
  const lines = (file: string) => readFileSync(join(infra, file), "utf8").trimEnd().split("\n");
  const prints = () =>
    Object.fromEntries(
      Object.entries(trial.state()).map(([name, { outputs }]) => {
        const [stdout, stderr] = [outputs.stdout, outputs.stderr].map(readable);
        return [name, [stdout === infra ? "infra" : stdout, stderr]];
      }),
    );

  test("a first preview runs nothing and knows everything but what will be printed", async () => {
    use(commands);
    const { code, steps, lines: told, outputs } = await trial.run("preview");
    assert.equal(code, 0);
    assert.deepEqual(steps, Object.fromEntries(Object.keys(commands).map((name) => [name, ["create"]])));
    assert.deepEqual(told, {});
    assert.deepEqual(outputs.environment, { ...commands.environment?.args, stdout: unknown, stderr: unknown });
    assert.deepEqual(outputs.dependent, {
      ...commands.dependent?.args,
      environment: { A: unknown },
      stdout: unknown,
      stderr: unknown,
    });
  });

  let made: ReturnType<typeof trial.state>;

  test("creating runs each command once; those that fail say why and leave nothing behind", async () => {
    use({ ...commands, ...Object.fromEntries(Object.entries(failing).map(([name, [spec]]) => [name, spec])) });
    const { code, errors, lines: told } = await trial.run("up", "--continue-on-error");
    assert.equal(code, 1);
    const { stack, ...byCommand } = errors;
    assert.deepEqual(
      byCommand,
      Object.fromEntries(Object.entries(failing).map(([name, [, error]]) => [name, [`${error}\n`]])),
    );
    assert.deepEqual([...(told.both ?? [])].sort(), ["1", "2", "3", "4", "5", "6", "7", "8", "a", "b", "c"]);
    assert.deepEqual([told.quiet, told.errorsOnly, told.exits], [undefined, ["seen"], ["a", "é\t"]]);
    assert.deepEqual(prints(), printed);
    made = trial.state();
  });

  test("an id is the name and eight hex digits; outputs are the inputs and what was printed", () => {
    for (const [name, { id, inputs, outputs }] of Object.entries(made)) {
      assert.match(id, new RegExp(`^${name}[0-9a-f]{8}$`));
      const { stdout, stderr, ...mirrored } = outputs;
      assert.deepEqual(redacted(mirrored), redacted(inputs));
    }
  });

  test("a secret input stays one; what was printed is one only if it was asked for", () => {
    const secrets = Object.entries(made).flatMap(([name, { inputs, outputs }]) =>
      [...Object.entries(inputs), ...Object.entries(outputs)].flatMap(([key, value]) =>
        isSecret(value) ? `${name}.${key}` : [],
      ),
    );
    assert.deepEqual(secrets.sort(), ["hidden.stdin", "hidden.stdin", "hiddenOutput.stdout"]);
  });

  test("with nothing changed nothing runs", async () => {
    use(commands);
    const { code, steps } = await trial.run("up");
    assert.deepEqual([code, steps], [0, {}]);
  });

  test("a preview of edits names the paths that differ; only triggers replace", async () => {
    use(edited);
    const { code, steps, diffs, outputs, output } = await trial.run("preview", "--diff");
    assert.equal(code, 0);
    for (const shown of [
      '~ B: "é" => "ü"',
      '- stdin: "one\\ntwo"',
      '~ A: "hello" => [unknown]',
      "~ stdin: [secret] => [secret]",
    ])
      assert.ok(output.includes(shown), shown);
    assert.doesNotMatch(output, /"(pass|word)"/);
    const expected = Object.entries(edits);
    const replacing = ["create-replacement", "replace", "delete-replaced"];
    assert.deepEqual(
      sorted(steps),
      sorted(Object.fromEntries(expected.map(([name, [step]]) => [name, step === "replace" ? replacing : [step]]))),
    );
    assert.deepEqual(diffs, Object.fromEntries(expected.map(([name, [, diff]]) => [name, diff])));
    assert.deepEqual(outputs.updated, { ...edited.updated?.args, stdout: unknown, stderr: unknown });
    assert.deepEqual(lines("log"), ["made"]);
  });

  test("an update runs update, else create, and sees what was printed before unless it asked not to", async () => {
    const { code } = await trial.run("up");
    assert.equal(code, 0);
    assert.deepEqual(prints(), printedAfterEdits);
  });

  test("a replacement is created before the old one is deleted; everything else keeps its id", () => {
    assert.deepEqual(lines("log"), ["made", "made", "unmade"]);
    const ids = Object.entries(trial.state()).filter(([name, { id }]) => id !== made[name]?.id);
    assert.deepEqual(ids.map(([name]) => name).sort(), ["elsewhere", "triggered", "untriggered"]);
  });

  test("a failed update changes nothing; with the config put back there is nothing to do", async () => {
    use({ ...edited, plain: { args: { create: "echo partial; exit 1" } } });
    const failed = await trial.run("up");
    assert.deepEqual(
      [failed.code, failed.errors.plain],
      [1, ['exit status 1: running "echo partial; exit 1":\npartial\n\n']],
    );
    assert.deepEqual(prints(), printedAfterEdits);
    use(edited);
    const back = await trial.run("up");
    assert.deepEqual([back.code, back.steps], [0, {}]);
    assert.equal(trial.pulumi("stack", "output", "printed", "-s", "trial").trim(), "hello again");
  });

  test("a refresh finds nothing and runs nothing", async () => {
    const { code, steps } = await trial.run("refresh");
    assert.deepEqual([code, steps, prints()], [0, {}, printedAfterEdits]);
  });

  test("destroying runs each delete with what the command last printed", async () => {
    const { code } = await trial.run("destroy");
    assert.equal(code, 0);
    assert.deepEqual([lines("log"), lines("parting")], [["made", "made", "unmade", "unmade"], ["out,err"]]);
    assert.deepEqual(trial.state(), {});
  });
});

/** How Pulumi writes a value that is not known yet. */
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const isSecret = (value: unknown): boolean => typeof value === "object" && value !== null && "ciphertext" in value;

const readable = (value: unknown): unknown => (isSecret(value) ? "[secret]" : value);

/** Each encryption of one value is another text. */
const redacted = (values: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, readable(value)]));

/** The order of deletions and creations is the engine's. */
const sorted = (steps: Readonly<Record<string, readonly string[]>>) =>
  Object.fromEntries(Object.entries(steps).map(([name, ops]) => [name, [...ops].sort()]));
