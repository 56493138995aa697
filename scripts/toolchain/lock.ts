// One set-up at a time per cache: a lock file that says who holds it. Never waits for a process that is gone.

import { randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, readlinkSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

interface Holder {
  readonly pid: number;
  /** When the process started, in the kernel's ticks: tells it from a later process with the same pid. */
  readonly start: string;
  /** This boot of this machine and its pid namespace: pids of another one mean nothing here. */
  readonly world: string;
  readonly id: string;
}

const heartbeatMs = 5_000;
const deadAfterMs = 60_000;
const healingIsStuckAfterMs = 10_000;

/** Runs `work` while holding the lock; `onWait` is told once, and every 20 s, who is waited for. */
export async function withLock<T>(path: string, onWait: (holder: string) => void, work: () => Promise<T>): Promise<T> {
  const mine: Holder = { ...whoAmI(), id: randomUUID() };
  mkdirSync(dirname(path), { recursive: true });
  let toldAt = 0;
  while (!take(path, mine)) {
    if (isStale(path)) heal(path);
    else if (Date.now() - toldAt > 20_000) {
      toldAt = Date.now();
      onWait(describe(path));
    }
    await sleep(200);
  }
  const heartbeat = setInterval(() => touch(path), heartbeatMs).unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    if (read(path)?.id === mine.id) rmSync(path, { force: true });
  }
}

/** A link either makes the whole file appear or fails: no one ever sees half a lock. */
function take(path: string, mine: Holder): boolean {
  const draft = `${path}.${mine.id}`;
  writeFileSync(draft, JSON.stringify(mine));
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function isStale(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return false;
  const holder = read(path);
  if (holder && holder.world === whoAmI().world) return startOf(holder.pid) !== holder.start;
  return Date.now() - stat.mtimeMs > deadAfterMs;
}

/** Only one heals at a time, and looks again before it removes: else a slow healer could remove a fresh lock. */
function heal(path: string): void {
  const healing = `${path}.healing`;
  try {
    mkdirSync(healing);
  } catch {
    const since = statSync(healing, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - since > healingIsStuckAfterMs) rmSync(healing, { recursive: true, force: true });
    return;
  }
  if (isStale(path)) rmSync(path, { force: true });
  rmSync(healing, { recursive: true, force: true });
}

function describe(path: string): string {
  const holder = read(path);
  return holder ? `process ${holder.pid}` : "another process";
}

function read(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}

function touch(path: string): void {
  try {
    utimesSync(path, new Date(), new Date());
  } catch {}
}

const whoAmI = (): Omit<Holder, "id"> => ({ pid: process.pid, start: startOf(process.pid) ?? "", world: world() });

function world(): string {
  try {
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return "unknown";
  }
}

/** Field 22 of /proc/<pid>/stat, none for a dead process that nobody has waited for yet. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command's name, which may hold spaces and parentheses, ends with the last parenthesis.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
