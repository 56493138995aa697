// Which platforms the stacks of this checkout run on, as far as it decides which tools are brought. Reads their files only.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./paths.ts";

/** Whether a stack of this checkout runs on Docker. An example is no stack: it has no secret before `natsby init` wrote one. */
export function dockerIsAsked(folder: string = join(projectRoot, "stacks")): boolean {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => /^Pulumi\..+\.yaml$/.test(name)) : [];
  return names.some((name) => {
    const text = readFileSync(join(folder, name), "utf8");
    return /^ *[\w-]+:platform: *["']?docker\b/m.test(text) && /^ *[\w-]+:clusterSecret:/m.test(text);
  });
}
