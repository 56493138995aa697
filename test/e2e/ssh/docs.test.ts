// Every command of docs/ssh.md, typed in its order: on a checkout, and on the four hosts that it is about.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { endsWith } from "../../support/bounded-run.ts";
import { noHosts, TestHosts } from "../../support/hosts.ts";
import { makeProject, type Project } from "../../support/project.ts";
import { textOf } from "../../support/project-files.ts";

const names = ["north", "south", "east", "west"];

type Step =
  | { readonly given: string }
  | { readonly file: string }
  | { readonly onHosts: string }
  | { readonly typed: string; readonly code: number };

/** A part of the page: its heading, and in its order what is given, written and typed. */
const parts = textOf("docs/ssh.md")
  .split(/^## /m)
  .map((text) => ({ heading: text.split("\n")[0] ?? "", steps: stepsOf(text) }))
  .filter(({ steps }) => steps.length > 0);

function stepsOf(text: string): readonly Step[] {
  const found = text.matchAll(/^<!-- given: ([^\n]*) -->$|^```(sh on every host|sh|yaml)\n(.*?)^```/gms);
  return [...found].flatMap(([, given, kind, block = ""]): Step[] => {
    if (given !== undefined) return [{ given }];
    if (kind === "yaml") return [{ file: block }];
    return kind === "sh" ? block.split("\n").flatMap(lineOf) : [{ onHosts: block }];
  });
}

/** At a terminal Pulumi asks, which is not what is tested here. */
function lineOf(line: string): Step[] {
  const typed = line.replace(/\s+#.*$/, "").replace(/^pulumi up/, "pulumi up --yes --skip-preview");
  return typed === "" ? [] : [{ typed, code: Number(/# ends with (\d+)/.exec(line)?.[1] ?? 0) }];
}

describe("docs/ssh.md", { skip: noHosts() ?? false }, () => {
  let hosts: TestHosts;
  let project: Project;
  /** The public keys that natsby had, the newest last. */
  const keys: string[] = [];

  before(async () => {
    hosts = await TestHosts.start(names);
    project = makeProject();
    const program = readFileSync(new URL("../../../examples/perl/publisher.pl", import.meta.url)).toString("base64");
    for (const name of ["east", "west"]) await bringProgram(name, program);
  });
  after(async () => {
    await project?.[Symbol.asyncDispose]();
    await hosts?.[Symbol.asyncDispose]();
  });

  const bringProgram = (name: string, base64: string): Promise<string> =>
    sh(name, `echo ${base64} | base64 -d >/usr/local/bin/publish && chmod 755 /usr/local/bin/publish`);
  const sh = (name: string, script: string): Promise<string> => hosts.within(name, "sh", "-e", "-c", script);

  async function letIn(name: string, publicKeys: readonly string[]): Promise<void> {
    const file = "/home/natsby/.ssh/authorized_keys";
    await sh(name, `printf '%s\\n' '${publicKeys.join("' '")}' >${file}; chown natsby ${file}; chmod 600 ${file}`);
  }

  async function happens(given: string): Promise<void> {
    if (given === "the key is on every host") {
      keys.push(readFileSync(join(project.path, "natsby-key.pub"), "utf8").trim());
      for (const name of names) await letIn(name, keys);
      // So that it can be made once more.
      await project.shell(["rm natsby-key.pub"]);
    } else if (given === "the older key is on no host") {
      for (const name of names) await letIn(name, keys.slice(-1));
    } else {
      assert.equal(given, "west is set up anew");
      const program = readFileSync(new URL("../../../examples/perl/publisher.pl", import.meta.url)).toString("base64");
      await hosts.replace("west");
      await bringProgram("west", program);
      for (const step of parts.flatMap(({ steps }) => steps)) if ("onHosts" in step) await sh("west", step.onHosts);
      await letIn("west", keys.slice(-1));
    }
  }

  /** The page's addresses are nobody's. */
  function write(text: string): void {
    const real = names.reduce((now, name, at) => now.replace(`192.0.2.${at + 1},`, `${hosts.of(name).address},`), text);
    writeFileSync(join(project.path, "stacks/Pulumi.web.yaml"), real);
  }

  for (const { heading, steps } of parts) {
    test(heading, { timeout: 300_000 }, async () => {
      for (const step of steps) {
        if ("given" in step) await happens(step.given);
        else if ("file" in step) write(step.file);
        else if ("onHosts" in step) for (const name of names) await sh(name, step.onHosts);
        else {
          const env = keys.length === 0 ? {} : await project.tools();
          await endsWith(step.code, project.shell([step.typed], "bash", { env, withinMs: 180_000 }));
        }
      }
    });
  }
});
