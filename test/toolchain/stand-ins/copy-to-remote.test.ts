// Copies to a real sshd through the real CLI, against the behaviour that is on record for Pulumi's plugin `command` 1.2.1. It
// passes with that plugin as well as with natsby's stand-in.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import type { CopySpec, SourceSpec } from "../../support/command-program.ts";
import { PulumiTrial } from "../../support/pulumi-trial.ts";
import { noSshd, startSshd } from "../../support/sshd.ts";

suite("a stack of copies", { skip: noSshd() ?? false }, async () => {
  const trial = new PulumiTrial(new URL("../../support/command-program.ts", import.meta.url));
  const sshd = await startSshd();
  after(async () => {
    await sshd[Symbol.asyncDispose]();
    trial[Symbol.dispose]();
  });
  const [from, to] = [join(trial.path, "from"), sshd.folder];
  const text = (path: string) => readFileSync(join(to, path), "utf8");
  for (const folder of ["inner", "other"]) mkdirSync(join(from, folder, "deep"), { recursive: true });
  for (const file of ["file", "inner/one", "inner/deep/two"]) writeFileSync(join(from, file), file);
  mkdirSync(join(to, "there"));
  writeFileSync(join(to, "taken"), "longer than what comes");

  const { port, user, hostKey, key } = sshd;
  const connection = { host: "127.0.0.1", port, user, hostKey, privateKey: key.privateKey };
  const copy = (source: SourceSpec, path: string, more: object = {}): CopySpec => ({
    copy: { connection: { ...connection, ...more }, source, remotePath: join(to, path) },
  });
  const copies = (more: object = {}): Record<string, CopySpec> => ({
    text: copy({ text: "some text" }, "a/b/text", more),
    file: copy({ file: join(from, "file") }, "c/file", more),
    intoFolder: copy({ file: join(from, "file") }, "there", more),
    overFile: copy({ file: join(from, "file") }, "taken", more),
    folder: copy({ archive: join(from, "inner") }, "d", more),
    contents: copy({ archive: `${join(from, "inner")}/` }, "e", more),
  });
  const use = (list: Readonly<Record<string, CopySpec>>) =>
    writeFileSync(join(trial.path, "infra/commands.json"), JSON.stringify(list));

  test("a preview copies nothing", async () => {
    use(copies());
    const { code, steps } = await trial.run("preview");
    assert.deepEqual([code, Object.keys(steps).length], [0, 6]);
    assert.ok(!existsSync(join(to, "a")));
  });

  test("texts, files and folders come to where the path says", async () => {
    const { code } = await trial.run("up");
    assert.equal(code, 0);
    const came = [
      "a/b/text",
      "c/file",
      "there/file",
      "taken",
      "d/inner/one",
      "d/inner/deep/two",
      "e/one",
      "e/deep/two",
    ];
    assert.deepEqual(came.map(text), [
      ...["some text", "file", "file", "file"],
      ...["inner/one", "inner/deep/two", "inner/one", "inner/deep/two"],
    ]);
    for (const { id, inputs } of Object.values(trial.state())) {
      assert.match(id, /^[0-9a-f]{8}$/);
      assert.ok("ciphertext" in (inputs.connection as object));
    }
  });

  test("what has the same content and place is not copied again; what has not is", async () => {
    rmSync(join(to, "c/file"));
    use({ ...copies({ perDialTimeout: 14 }), text: copy({ text: "other text" }, "a/b/text") });
    const { code, steps, diffs } = await trial.run("up");
    assert.equal(code, 0);
    assert.deepEqual([steps.file, diffs.file], [["update"], { connection: "update" }]);
    assert.deepEqual([existsSync(join(to, "c/file")), text("a/b/text")], [false, "other text"]);
  });

  test("what cannot be copied says why", async () => {
    use({
      toFolder: copy({ text: "x" }, "there"),
      ontoFile: copy({ archive: `${join(from, "inner")}/` }, "taken"),
      fromWeb: copy({ file: join(from, "gone") }, "x"),
    });
    const { code, output, errors } = await trial.run("up", "--continue-on-error");
    assert.equal(code, 1);
    assert.deepEqual(
      [errors.toFolder, errors.ontoFile],
      [
        [`remote path ${to}/there is a directory; when using a text asset, remotePath must be a file path\n`],
        [`remote path ${to}/taken exists but is not a directory\n`],
      ],
    );
    assert.match(output, /gone/);
  });

  test("destroying leaves there what was copied", async () => {
    const { code } = await trial.run("destroy");
    assert.deepEqual([code, text("a/b/text"), trial.state()], [0, "other text", {}]);
  });
});
