// Nothing of the machine where the project was written is in it: a clone reads the same everywhere.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../scripts/toolchain/paths.ts";
import { projectFiles, textOf } from "../support/project-files.ts";

const files = projectFiles().filter((path) => /[.](svg|png|jpg)$/.test(path) === false);

/** `path:line` of every match. */
function found(pattern: RegExp, among: readonly string[] = files): readonly string[] {
  return among.flatMap((path) =>
    textOf(path)
      .split("\n")
      .flatMap((line, at) => (pattern.test(line) ? [`${path}:${at + 1}: ${line.trim().slice(0, 120)}`] : [])),
  );
}

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Registries and proxies that this machine's settings name, but for the public ones. */
function hostsOfRegistries(): readonly string[] {
  const npmrc = readQuietly(join(homedir(), ".npmrc"));
  const { GOPROXY, PIP_INDEX_URL, HTTPS_PROXY, HTTP_PROXY, npm_config_registry: registry } = process.env;
  const settings = [npmrc, GOPROXY, PIP_INDEX_URL, HTTPS_PROXY, HTTP_PROXY, registry].join("\n");
  const hosts = [...settings.matchAll(/https?:\/\/(?:[^\s/@]*@)?([^\s/:,|]+)/g)].map(([, host = ""]) => host);
  const open = /(^|[.])(npmjs[.]org|golang[.]org|pypi[.]org|pythonhosted[.]org)$/;
  return hosts.filter((host) => host !== "" && !open.test(host) && !/^(localhost|127[.])/.test(host));
}

function readQuietly(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

test("no file names this machine's folders", () => {
  // Examples are written with paths below these.
  const isUsual = (path: string): boolean => /^[/][^/]*$|^[/](srv|opt|var|tmp)[/]/.test(path);
  const own = [projectRoot, homedir()].filter((path) => !isUsual(path)).map(literally);
  if (own.length > 0) assert.deepEqual(found(new RegExp(`(?<![\\w.$}-])(${own.join("|")})(?![\\w-])`)), []);
});

test("no file names a registry or proxy of this machine", () => {
  const hosts = hostsOfRegistries();
  if (hosts.length > 0) assert.deepEqual(found(new RegExp(hosts.map(literally).join("|"))), []);
});

test("the lock file says what is installed, not where it comes from", () => {
  assert.deepEqual(found(/"resolved":/, ["package-lock.json"]), []);
  assert.deepEqual(
    found(
      /registry *=/,
      files.filter((path) => path.endsWith(".npmrc")),
    ),
    [],
  );
});

test("nothing is left to be done in a comment", () => {
  const words = ["TO" + "DO", "FIX" + "ME", "X" + "XX"];
  const among = files.filter((path) => !/(^|\/)(package-lock[.]json|go[.]sum)$/.test(path));
  assert.deepEqual(found(new RegExp(`\\b(${words.join("|")})\\b`), among), []);
});
