// The command line itself: help, wrong command lines, and how errors end.

import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { table } from "../../scripts/commands/table.ts";
import { projectCopy } from "../support/project-copy.ts";

const copy = projectCopy();
after(() => copy[Symbol.dispose]());

test("help lists every verb with one line", () => {
  for (const args of [[], ["--help"]]) {
    const { status, stdout } = copy.natsby(args);
    assert.equal(status, 0);
    for (const [name, { brief }] of Object.entries(table))
      assert.match(stdout, new RegExp(`^  ${name} +${brief}$`, "m"));
  }
});

test("every verb's help shows its usage and examples, in lines that fit", async () => {
  for (const name of Object.keys(table)) {
    const { status, stdout, stderr } = copy.natsby([name, "--help"]);
    assert.equal(status, 0, stderr);
    assert.match(stdout, new RegExp(`USAGE\n  natsby ${name}`));
    assert.match(stdout, /Examples:\n {2}\S/);
    for (const line of stdout.split("\n")) assert.ok(line.length <= 120, line);
  }
});

test("the brief of a verb is the same in the list and in its own help", async () => {
  for (const [name, { brief, load }] of Object.entries(table)) {
    const { verb } = await load();
    assert.equal(verb.brief, brief, name);
  }
});

test("a wrong command line ends with 64 and says what was meant", () => {
  for (const [args, said] of [
    [["doctr"], /No command registered for `doctr`, did you mean `doctor`\?\nnatsby --help lists the verbs/],
    [["nothing-like-it"], /No command registered for `nothing-like-it`\nnatsby --help/],
    [["doctor", "--jsn"], /No flag registered for --jsn, did you mean --json\?\nnatsby doctor --help/],
    [["doctor", "extra"], /Too many arguments.*\nnatsby doctor --help/],
  ] as const) {
    const { status, stdout, stderr } = copy.natsby(args);
    assert.deepEqual([status, stdout], [64, ""], args.join(" "));
    assert.match(stderr, said);
  }
});

test("without a terminal nothing is coloured, and neither with NO_COLOR", () => {
  for (const env of [{}, { NO_COLOR: "1", FORCE_COLOR: "1" }]) {
    const outputs = [copy.natsby(["--help"], env), copy.natsby(["doctr"], env)];
    for (const { stdout, stderr } of outputs) assert.ok(!`${stdout}${stderr}`.includes("\x1b["));
  }
});

test("what the user can mend is a problem and a hint, a bug keeps its stack", () => {
  const verb = join(copy.path, "scripts/commands/doctor.ts");
  const fails = (error: string): ReturnType<typeof copy.natsby> => {
    writeFileSync(
      verb,
      `import { UserError } from "../../infra/core/errors.ts";
       import { defineVerb } from "./verb.ts";
       export const verb = defineVerb({
         brief: "b", examples: [], parameters: {}, run: () => { throw ${error}; },
       });`,
    );
    return copy.natsby(["doctor"]);
  };
  const mendable = fails(
    'new UserError("Two publishers are heard.", { hint: "natsby status shows them.", exitCode: 2 })',
  );
  assert.deepEqual(
    [mendable.status, mendable.stderr],
    [2, "natsby: Two publishers are heard.\n  natsby status shows them.\n"],
  );
  const bug = fails('new TypeError("undefined is not a server")');
  assert.equal(bug.status, 1);
  assert.match(bug.stderr, /natsby: this is a bug in natsby:\nTypeError: undefined is not a server\n +at /);
  rmSync(verb);
  assert.equal(copy.natsby(["doctor"]).status, 1, "a verb whose file is missing is a bug");
});
