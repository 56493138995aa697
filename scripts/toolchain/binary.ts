// Looks at a program's file without running it: is it a script, is a binary whole? Reads a few hundred bytes.

import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** Whether a file is a script, as natsby's language host is; Pulumi's own pieces are binaries. */
export function isScript(path: string): boolean {
  return readStart(path, 2)?.bytes.toString("latin1") === "#!";
}

/**
 * Whether a file is a program for Linux with nothing cut off: its last segment lies within it. For plugins, which have
 * no version to ask for: run by hand they wait for an engine.
 */
export function isWholeBinary(path: string): boolean {
  const start = readStart(path, 4096);
  if (!start || start.bytes.length < 64 || start.bytes.readUInt32BE(0) !== 0x7f454c46) return false;
  const { bytes, size } = start;
  const [tableAt, entrySize, entries] = [
    Number(bytes.readBigUInt64LE(32)),
    bytes.readUInt16LE(54),
    bytes.readUInt16LE(56),
  ];
  let end = 0;
  for (let at = tableAt; at < tableAt + entries * entrySize; at += entrySize) {
    if (at + 56 > bytes.length) return false;
    end = Math.max(end, Number(bytes.readBigUInt64LE(at + 8) + bytes.readBigUInt64LE(at + 32)));
  }
  return end > 0 && end <= size;
}

function readStart(path: string, length: number): { bytes: Buffer; size: number } | undefined {
  try {
    const file = openSync(path, "r");
    try {
      const bytes = Buffer.alloc(length);
      return { bytes: bytes.subarray(0, readSync(file, bytes, 0, length, 0)), size: fstatSync(file).size };
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}
