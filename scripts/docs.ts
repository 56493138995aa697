// npm run docs: writes the pages of docs/ that are made from the code. A test says when one is out of date.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { problemsPage } from "./render/problems-page.ts";
import { projectRoot } from "./toolchain/paths.ts";

const page = "docs/problems.md";
writeFileSync(join(projectRoot, page), problemsPage());
console.log(page);
