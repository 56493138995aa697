// Finds a block of ports for a local stack and reserves it for its folder, so that two clones started at once never choose the same.

import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../infra/core/errors.ts";
import { portBlock } from "../infra/core/ports.ts";
import { isFree } from "../infra/hosts/port-owner.ts";
import { cacheDir } from "./toolchain/paths.ts";

/** The first block begins where a NATS client looks first. */
const firstPort = 4222;
const lastPort = 30_000;
/** A reservation whose folder is not there yet is believed for this long. */
const reservedMs = 10 * 60_000;

/** @param ports the ports a stack with this base would use. @throws UserError where no block is free. */
export async function findBasePort(dataDir: string, ports: (basePort: number) => readonly number[]): Promise<number> {
  for (let base = firstPort; base + portBlock < lastPort; base += portBlock) {
    if (!reserve(base, dataDir)) continue;
    const free = await Promise.all(ports(base).map((port) => isFree("127.0.0.1", port)));
    if (free.every((one) => one)) return base;
    release(base);
  }
  throw new UserError(`no block of free ports between ${firstPort} and ${lastPort}`, {
    code: "no-ports",
    hint: "stop what listens there, or set basePort in the stack's config",
  });
}

function reserve(base: number, dataDir: string): boolean {
  mkdirSync(join(cacheDir(), "ports"), { recursive: true });
  for (let tries = 0; tries < 2; tries++) {
    try {
      writeFileSync(reservationOf(base), dataDir, { flag: "wx" });
      return true;
    } catch {
      if (!isStale(base, dataDir)) return false;
      release(base);
    }
  }
  return false;
}

/** Its own, or one whose folder is gone. */
function isStale(base: number, dataDir: string): boolean {
  try {
    const owner = readFileSync(reservationOf(base), "utf8");
    const young = Date.now() - statSync(reservationOf(base)).mtimeMs < reservedMs;
    return owner === dataDir || (!young && statSync(owner, { throwIfNoEntry: false }) === undefined);
  } catch {
    return true;
  }
}

const release = (base: number): void => rmSync(reservationOf(base), { force: true });
const reservationOf = (base: number): string => join(cacheDir(), "ports", String(base));
