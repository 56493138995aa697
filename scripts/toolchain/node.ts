// Finds a Node that runs TypeScript without a flag. Brings none: npm does, as a package of this project.

import { join } from "node:path";
import { oldestNode, onPath, projectRoot, type Variables } from "./paths.ts";
import type { Found, Passed } from "./tool.ts";
import { verify } from "./verified.ts";
import { isAtLeast } from "./version.ts";

/** Takes the first Node on PATH where it is new enough, since that is what plain commands will use; else npm's. */
export function findNode(env: Variables): Found {
  const inModules = { source: "npm", path: join(projectRoot, "node_modules/.bin/node") } as const;
  const candidates = [
    ...onPath("node", env)
      .slice(0, 1)
      .map((path) => ({ source: "PATH", path }) as const),
    inModules,
  ];
  const passed: Passed[] = [];
  for (const { source, path } of candidates) {
    const found = verify(path, ["--version"], env);
    if ("version" in found && isAtLeast(found.version, oldestNode)) {
      return { name: "node", version: found.version, path, source, standIn: false };
    }
    const reason = "reason" in found ? found.reason : `${path} is ${found.version}, wanted is ${oldestNode} or later`;
    passed.push({ source, reason });
  }
  return { name: "node", version: oldestNode, passed };
}
