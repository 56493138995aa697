// The contract of the port Host: files.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { maxLookedBytes } from "../../../infra/hosts/host.ts";
import { temporary } from "../../support/temporary.ts";
import { odd } from "./odd-text.ts";
import type { Subject } from "./subject.ts";

export function declareFiles(subject: () => Subject): void {
  describe("files", () => {
    it("what is written is read back to the byte, private, in private folders, with nothing beside it", async () => {
      const { host, own, modeOf } = subject();
      const path = own('it\'s a "file" $x ü');
      for (const text of [odd, "", "\n\n", "x".repeat(200_000), "ends\n", "-----BEGIN"]) {
        await host.write(path, text, 0o600);
        assert.equal(await host.read(path), text);
      }
      const folder = path.slice(0, path.lastIndexOf("/"));
      assert.deepEqual([await modeOf(path), await modeOf(folder)], ["600", "700"]);
      assert.deepEqual(await host.list(folder), [path.slice(folder.length + 1)]);
      await host.write(path, "for all", 0o644);
      assert.equal(await modeOf(path), "644");
    });

    it("what is not there is null, and what cannot be read is an error", async () => {
      const { host, there, own } = subject();
      assert.equal(await host.read(own()), null);
      await host.makeFolder(`${there.dataDir}/folder`);
      await assert.rejects(host.read(`${there.dataDir}/folder`));
    });

    it("a write takes the place of an empty folder and of a link, and names a folder that holds something", async () => {
      const { host, own, sh } = subject();
      const [path, target] = [own(), own()];
      await host.write(target, "untouched", 0o600);
      await host.makeFolder(path);
      await host.write(path, "text", 0o600);
      assert.equal(await host.read(path), "text");
      await sh('ln -sf "$1" "$2"', target, path);
      await host.write(path, "no link", 0o600);
      assert.deepEqual([await host.read(path), await host.read(target)], ["no link", "untouched"]);
      const full = own("kept");
      const folder = full.slice(0, full.lastIndexOf("/"));
      await host.write(full, "", 0o600);
      await assert.rejects(host.write(folder, "text", 0o600), {
        code: "unwritable",
        message: `${folder} cannot be written: a directory with files in it stands there`,
      });
      assert.equal(await host.read(full), "");
    });

    it("a look says what stands at each path, in their order, and waits for no pipe", async () => {
      const { host, own, sh } = subject();
      const file = own();
      const folder = file.slice(0, file.lastIndexOf("/"));
      const at = (name: string): string => `${folder}/${name}`;
      await host.write(file, odd, 0o600);
      await sh(
        'cd "$1"; mkfifo pipe; ln -s loop loop; head -c "$2" /dev/zero >large',
        folder,
        String(maxLookedBytes + 1),
      );
      const looked = await host.look([at("pipe"), file, at("none"), folder, at("loop"), at("large"), `${file}/below`]);
      const [, first, , , loop, large, below] = looked;
      assert.deepEqual(
        looked.map(({ kind }) => kind),
        ["other", "file", "none", "folder", "unreadable", "file", "unreadable"],
      );
      assert.ok(first?.kind === "file" && first.text === odd && first.bytes === Buffer.byteLength(odd));
      assert.ok(Math.abs(first.modifiedMs - Date.now()) < 60_000, String(first.modifiedMs));
      assert.ok(large?.kind === "file" && large.text === null && large.bytes === maxLookedBytes + 1);
      assert.deepEqual(
        [loop, below].map((one) => one?.kind === "unreadable" && one.code),
        ["ELOOP", "ENOTDIR"],
      );
    });

    it("names in a folder are all of them, none where there is no folder", async () => {
      const { host, own } = subject();
      const path = own(".hidden");
      const folder = path.slice(0, path.lastIndexOf("/"));
      await host.write(path, "", 0o600);
      await host.write(`${folder}/two words`, "", 0o600);
      assert.deepEqual([...(await host.list(folder))].sort(), [".hidden", "two words"]);
      assert.deepEqual(await host.list(`${folder}/nothing`), []);
    });

    it("files are moved and removed, folders with all in them, and what never was too", async () => {
      const { host, own } = subject();
      const [from, to] = [own(), own()];
      await host.write(from, "text", 0o600);
      await host.makeFolder(to.slice(0, to.lastIndexOf("/")));
      await host.move(from, to);
      assert.deepEqual([await host.read(from), await host.read(to)], [null, "text"]);
      await host.remove(to.slice(0, to.lastIndexOf("/")));
      await host.remove(to);
      assert.equal(await host.read(to), null);
    });

    it("a line that is added is a line of its own, even after half a line of a writer that was killed", async () => {
      const { host, own, modeOf, sh } = subject();
      const path = own();
      await host.append(path, `one ${JSON.stringify(odd)}`);
      await sh('printf half >>"$1"', path);
      await host.append(path, "two");
      assert.equal(await host.read(path), `one ${JSON.stringify(odd)}\nhalf\ntwo\n`);
      assert.equal(await modeOf(path), "600");
    });

    it("a file of this machine comes there to the byte", async () => {
      const { host, own, modeOf, sh } = subject();
      using here = temporary();
      const [file, path] = [join(here.path, "binary"), own()];
      writeFileSync(file, Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 256)));
      await host.bring(file, path, 0o755);
      const { stdout } = await sh('sha256sum <"$1"', path);
      assert.equal(stdout, execFileSync("sh", ["-c", 'sha256sum <"$1"', "sh", file], { encoding: "utf8" }));
      assert.equal(await modeOf(path), "755");
    });
  });
}
