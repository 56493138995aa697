// What a program that is not static needs beside it in an image: its libraries, as this machine's loader finds them.

import { execFileSync } from "node:child_process";

/** From its place in the image to where it is here: the program's libraries and the loader. */
export function librariesOf(program: string): Readonly<Record<string, string>> {
  const lines = execFileSync("ldd", [program], { encoding: "utf8", timeout: 10_000 }).split("\n");
  const paths = lines.flatMap((line) => /(?:=> |^\s+)(\/\S+) \(0x/.exec(line)?.[1] ?? []);
  return Object.fromEntries(paths.map((path) => [path.slice(1), path]));
}
