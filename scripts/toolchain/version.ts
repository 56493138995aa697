// Versions as tools print them. Pure.

/** The first thing in a text that looks like a version, without its "v". */
export function versionIn(text: string): string | undefined {
  return /\d+\.\d+(?:\.\d+)?(?:-[0-9A-Za-z.-]+)?/.exec(text)?.[0];
}

/** Whether a version is this one or a later one; a pre-release comes before its release. */
export function isAtLeast(version: string, oldest: string): boolean {
  const [mine, least] = [numbersOf(version), numbersOf(oldest)];
  for (const [index, number] of least.entries()) {
    const difference = (mine[index] ?? 0) - number;
    if (difference !== 0) return difference > 0;
  }
  return !version.includes("-") || oldest.includes("-");
}

/** "2.15" of "2.15.2": versions with the same series behave alike. */
export const seriesOf = (version: string): string => numbersOf(version).slice(0, 2).join(".");

const numbersOf = (version: string): readonly number[] =>
  (version.split("-")[0] ?? "").replace(/^v/, "").split(".").map(Number);
