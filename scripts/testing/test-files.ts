// Which test files there are, and how each is run. What a file is follows from its folder and from what it imports.

import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { projectRoot } from "../toolchain/paths.ts";

/**
 * `fast`: pure code or files of the project; needs no tool, so `npm run check` runs it. `heavy`: whole stacks by the
 * real CLI. `light`: the rest.
 */
export type Weight = "fast" | "light" | "heavy";

/** A file of tests. */
export interface TestFile {
  /** From the project's folder. */
  readonly path: string;
  readonly weight: Weight;
  /** Generous: a file that hangs must not hang everything, and a slow disk is no failure. */
  readonly withinMs: number;
}

const bounds: Readonly<Record<Weight, number>> = { fast: 120_000, light: 300_000, heavy: 600_000 };
const heavyFolders = ["test/e2e/", "test/faults/"];
/** These start nothing but git. */
const fastFolders = ["test/project/"];
/** Whoever imports one of these starts a process or needs a server. */
const outside = /from "(node:(child_process|net|http|https|cluster)|nats)"/;

/** Every test file of the project. */
export function findTestFiles(): readonly TestFile[] {
  const paths = globSync("test/**/*.test.ts", { cwd: projectRoot }).map((path) => path.replaceAll("\\", "/"));
  return paths.sort().map((path) => {
    const weight = weightOf(path);
    return { path, weight, withinMs: bounds[weight] };
  });
}

/** The files that arguments name: a file, a folder, or a part of a path. None named: all. */
export function selectTestFiles(files: readonly TestFile[], named: readonly string[]): readonly TestFile[] {
  if (named.length === 0) return files;
  return files.filter(({ path }) => named.some((name) => path.includes(name.replace(/^\.\//, ""))));
}

function weightOf(path: string): Weight {
  const isIn = (folders: readonly string[]): boolean => folders.some((folder) => path.startsWith(folder));
  if (isIn(heavyFolders)) return "heavy";
  return isIn(fastFolders) || isPure(path) ? "fast" : "light";
}

/** Whether nothing that it imports, near or far, reaches outside the process. */
function isPure(path: string, seen: Set<string> = new Set()): boolean {
  if (seen.has(path)) return true;
  seen.add(path);
  const text = readFileSync(join(projectRoot, path), "utf8");
  if (outside.test(text)) return false;
  const imports = text.matchAll(/(?:from |import\()"(\.[^"]+\.ts)"/g);
  return [...imports].every(([, to = ""]) => isPure(join(dirname(path), to), seen));
}
