// A folder of a test's own, gone when the test's scope ends.

import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A folder that is removed with its contents. */
export interface Temporary extends Disposable {
  readonly path: string;
}

/** Makes an empty folder; its last part can be given a name that is hard to quote. */
export function temporary(name = "t"): Temporary {
  const outer = realpathSync(mkdtempSync(join(tmpdir(), "natsby-")));
  const path = join(outer, name);
  mkdirSync(path);
  return { path, [Symbol.dispose]: () => rmSync(outer, { recursive: true, force: true }) };
}

/** Writes an executable shell script, and returns its path. */
export function script(path: string, ...lines: readonly string[]): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, ["#!/bin/sh", ...lines, ""].join("\n"));
  chmodSync(path, 0o755);
  return path;
}
