// Runs test files, the light ones first, and takes away what they leave: processes, and the folder that they worked in.

import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atOnce, inPool } from "./pool.ts";
import { type FileResult, runTestFile, type TestRun } from "./run-test-file.ts";
import type { TestFile, Weight } from "./test-files.ts";

/** How many at a time: whole stacks measure gaps, and would measure each other. */
const sizes: Readonly<Record<Weight, number>> = { fast: atOnce, light: atOnce, heavy: Math.min(2, atOnce) };

/** Runs these files and tells of each as it ends. */
export async function runTests(
  files: readonly TestFile[],
  run: Omit<TestRun, "folder">,
  onEnd: (result: FileResult) => void,
): Promise<readonly FileResult[]> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "natsby-test-")));
  const results: FileResult[] = [];
  try {
    for (const weight of ["fast", "light", "heavy"] as const) {
      const some = files.filter((file) => file.weight === weight);
      const work = async (file: TestFile): Promise<FileResult> => {
        const result = await runTestFile(file, { ...run, folder });
        onEnd(result);
        return result;
      };
      results.push(...(await inPool(some, sizes[weight], run.stop, work)));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
  return results;
}
