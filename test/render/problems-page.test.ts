// docs/problems.md: the committed page is what the registry makes, and nothing is left out of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { exitCodes } from "../../infra/core/exit-codes.ts";
import { problems } from "../../infra/core/problems.ts";
import { problemsPage } from "../../scripts/render/problems-page.ts";
import { textOf } from "../support/project-files.ts";

test("docs/problems.md is up to date", () => {
  assert.equal(textOf("docs/problems.md"), problemsPage(), "`npm run docs` writes it again");
});

test("every code has its place, once, and every exit code its meaning", () => {
  const headings = problemsPage().match(/^### .*$/gm);
  assert.deepEqual(
    headings?.toSorted(),
    Object.keys(problems)
      .map((code) => `### ${code}`)
      .toSorted(),
  );
  for (const code of Object.values(exitCodes)) assert.match(problemsPage(), new RegExp(`^\\| ${code} \\| \\S`, "m"));
});
