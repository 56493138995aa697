// Every command of docs/operations.md, typed in its order on one stack, with the faults that its runbooks are for.

import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { kill } from "node:process";
import { after, before, describe, test } from "node:test";
import { endsWith } from "../support/bounded-run.ts";
import { makeProject, type Project } from "../support/project.ts";
import { textOf } from "../support/project-files.ts";

/** A part of the page: its heading, and in its order what is given and what is typed. */
const parts = textOf("docs/operations.md")
  .split(/^## /m)
  .map((text, at) => ({ heading: at === 0 ? "first" : (text.split("\n")[0] ?? ""), steps: stepsOf(text) }))
  .filter(({ steps }) => steps.length > 0);

type Step = { readonly given: string } | { readonly typed: string; readonly code: number };

function stepsOf(text: string): readonly Step[] {
  return [...text.matchAll(/^<!-- given: ([^\n]*) -->$|^```sh\n(.*?)^```/gms)].flatMap(([, given, block]): Step[] =>
    given !== undefined ? [{ given }] : (block ?? "").split("\n").flatMap(lineOf),
  );
}

/** At a terminal Pulumi asks, which is not what is tested here; this checkout has nowhere to pull from. */
function lineOf(line: string): Step[] {
  const typed = line.replace(/\s*#.*$/, "").replace(/^pulumi up$/, "pulumi up --yes --skip-preview");
  if (typed === "" || typed === "git pull") return [];
  return [{ typed, code: Number(/# ends with (\d+)/.exec(line)?.[1] ?? 0) }];
}

const signals: Readonly<Record<string, NodeJS.Signals>> = {
  freeze: "SIGSTOP",
  freezes: "SIGSTOP",
  thaw: "SIGCONT",
  thaws: "SIGCONT",
  die: "SIGKILL",
  dies: "SIGKILL",
};

describe("docs/operations.md", () => {
  let project: Project;
  const older = () => `${project.path}/older.yaml`;
  before(async () => {
    project = makeProject();
    await project.bringUp();
    copyFileSync(project.stackFile, older());
  });
  after(() => project[Symbol.asyncDispose]());

  function happens(given: string): void {
    if (given === "the stack's file of before") copyFileSync(older(), project.stackFile);
    else signalNamed(given);
  }

  function signalNamed(given: string): void {
    const words = given.split(/ and | /);
    const signal = signals[words.pop() ?? ""];
    const found = project.processes();
    for (const name of words) {
      const process = found.get(name);
      assert.ok(process !== undefined && signal !== undefined, `"${given}": there is no ${name}`);
      kill(process.pid, signal);
    }
  }

  for (const { heading, steps } of parts) {
    test(heading, { timeout: 240_000 }, async () => {
      for (const step of steps) {
        if ("given" in step) happens(step.given);
        else
          await endsWith(
            step.code,
            project.shell([step.typed], "bash", { env: await project.tools(), withinMs: 120_000 }),
          );
      }
    });
  }
});
