// natsby env in real shells: what they read back, once and twice, in folders that are hard to quote.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { cachedPulumiHome, onPath } from "../../scripts/toolchain/paths.ts";
import { projectCopy, shellOf } from "../support/project-copy.ts";
import { script } from "../support/temporary.ts";

const copy = projectCopy('it\'s a "natsby" $HOME; `x` & folder');
after(() => copy[Symbol.dispose]());
const first = copy.natsby(["env"]);
const shells = ["sh", "dash", "bash", "zsh", "ksh"].filter((shell) => onPath(shell)[0]);

/** Runs commands in a shell that has natsby's exports, and returns what they print. */
function afterEval(shell: string, commands: string, times = 1): string {
  const evals = Array.from({ length: times }, () => 'eval "$EXPORTS"').join("\n");
  const env = { ...copy.env, EXPORTS: first.stdout };
  const { stdout, stderr, status } = spawnSync(shell, ["-euc", `${evals}\n${commands}`], {
    env,
    encoding: "utf8",
    cwd: "/",
  });
  assert.equal(status, 0, stderr);
  return stdout;
}

for (const shell of shells) {
  test(`${shell} reads back every value as it was meant`, () => {
    const read = afterEval(
      shell,
      'printf "%s\\n" "$PULUMI_HOME" "$PULUMI_BACKEND_URL" "$PULUMI_CONFIG_PASSPHRASE_FILE"',
    );
    const [home, backend, passphrase] = read.split("\n");
    assert.equal(home, cachedPulumiHome(copy.env));
    assert.equal(backend, `file://${copy.path}/.natsby/state?metadata=skip`);
    assert.equal(passphrase, `${copy.path}/.natsby/passphrase`);
  });

  test(`${shell} finds pulumi, node and natsby afterwards, from anywhere`, () => {
    const read = afterEval(shell, "command -v natsby; command -v pulumi; pulumi 2>&1; natsby --help | head -n 2");
    const [natsby, pulumi, version, ...help] = read.split("\n");
    assert.deepEqual(
      [natsby, pulumi],
      ["natsby", "pulumi"].map((name) => join(copy.path, ".natsby/bin", name)),
    );
    assert.equal(version, "3.274.1");
    assert.match(help.join("\n"), /USAGE/);
  });

  test(`${shell} has the same environment when it reads the exports twice`, () => {
    assert.equal(afterEval(shell, "env | sort", 2), afterEval(shell, "env | sort"));
  });
}

test("a shell that has them is given nothing more, also through npx", () => {
  const env = { PATH: `${join(copy.path, ".natsby/bin")}:${copy.env.PATH}`, ...Object.fromEntries(exported()) };
  assert.equal(copy.natsby(["env"], env).stdout, "");
  const npx = { ...env, PATH: `${join(copy.path, "node_modules/.bin")}:${env.PATH}`, npm_command: "exec" };
  assert.equal(copy.natsby(["env"], npx).stdout, "");
});

test("a shell that used another clone is led to this one", () => {
  const other = "/another/clone/.natsby";
  const { stdout } = copy.natsby(["env"], {
    PATH: `${other}/bin:${copy.env.PATH}`,
    PULUMI_BACKEND_URL: `file://${other}/state`,
    PULUMI_CONFIG_PASSPHRASE_FILE: `${other}/passphrase`,
  });
  assert.equal(stdout, first.stdout);
});

test("the passphrase is for this user alone, and never changes", () => {
  const file = join(copy.path, ".natsby/passphrase");
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const before = readFileSync(file, "utf8");
  assert.ok(before.trim().length >= 32);
  copy.natsby(["env"]);
  assert.equal(readFileSync(file, "utf8"), before);
});

test("programs get every variable as JSON, whatever the shell has", () => {
  const { stdout } = copy.natsby(["env", "--json"]);
  const { schema, environment } = JSON.parse(stdout);
  assert.equal(schema, 1);
  assert.equal(environment.PULUMI_HOME, cachedPulumiHome(copy.env));
  assert.equal(environment.PATH, `${join(copy.path, ".natsby/bin")}:${copy.env.PATH}`);
  assert.deepEqual(JSON.parse(copy.natsby(["env", "--json"], environment).stdout).environment, environment);
});

test("a Node that is new enough is not put before the user's", () => {
  const bin = join(copy.path, "own");
  script(join(bin, "node"), `exec '${process.execPath}' "$@"`);
  const env = { ...shellOf({}), PATH: `${bin}:${copy.env.PATH}` };
  copy.natsby(["env"], env);
  assert.deepEqual(onPath("node", { PATH: join(copy.path, ".natsby/bin") }), []);
});

function exported(): readonly (readonly [string, string])[] {
  const { environment } = JSON.parse(copy.natsby(["env", "--json"]).stdout) as { environment: Record<string, string> };
  return Object.entries(environment).filter(([name]) => name !== "PATH");
}
