// Loaded into a publisher before its program (`--import`): its wall clock is off by as many milliseconds as a file says. No clock of
// the machine is touched, and the file may be written again at any time: that is a step.

import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const named = "TEST_CLOCK_FILE";

/** What a publisher gets in its environment, so that its clock is set by this file. */
export const clockIn = (file: string): Readonly<Record<string, string>> => ({
  NODE_OPTIONS: `--import=${pathToFileURL(import.meta.filename).href}`,
  [named]: file,
});

/** From now on the clock of whoever reads this file is off by so much. */
export const setClock = (file: string, ms: number): void => writeFileSync(file, String(ms));

const file = process.env[named];
if (file !== undefined) {
  const now = Date.now.bind(Date);
  Date.now = () => now() + offset(file);
}

function offset(path: string): number {
  try {
    return Number(readFileSync(path, "utf8"));
  } catch {
    return 0;
  }
}
