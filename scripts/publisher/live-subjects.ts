// The subjects of a running publisher, read again when their file changes: a subject that comes or goes needs no restart.

import { readFileSync, unwatchFile, watchFile } from "node:fs";
import { type PublisherOptions, subjectsOf } from "./environment.ts";

const lookEveryMs = 200;

/** The same options with `subjects` as the file has them now; a file that cannot be read changes nothing. */
export function withLiveSubjects(
  options: PublisherOptions,
  file: string | undefined,
  stop: AbortSignal,
  log: (line: string) => void,
): PublisherOptions {
  if (file === undefined || file === "") return options;
  let { subjects } = options;
  const read = (): void => {
    const found = subjectsIn(file) ?? subjects;
    if (found.join() !== subjects.join()) log(`subjects: ${found.join(", ")}`);
    subjects = found;
  };
  read();
  watchFile(file, { interval: lookEveryMs }, read);
  stop.addEventListener("abort", () => unwatchFile(file, read));
  return {
    ...options,
    get subjects() {
      return subjects;
    },
  };
}

function subjectsIn(file: string): readonly string[] | null {
  try {
    return subjectsOf(readFileSync(file, "utf8"));
  } catch {
    return null;
  }
}
