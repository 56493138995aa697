// natsby's processes on a host, found by the mark in their environment: the rules of processes.ts of this machine, read over a shell.

import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../core/errors.ts";
import { processMarker } from "../../core/layout.ts";
import type { Host, RunningProcess } from "../host.ts";
import { printed, word } from "./quote.ts";
import type { Session } from "./session.ts";
import { hasUnit, removeUnit, stopUnit } from "./units.ts";

/** How long one look waits for a process to end: others ask the same shell. */
const lookMs = 400;

/** In which boot of the host the processes that were listed last run. */
export type Boots = Map<string, string>;

export function processesThere(session: Session, dataDir: string, unitOf: (name: string) => string, boots: Boots) {
  const signal = async (process: RunningProcess, name: NodeJS.Signals, group = false): Promise<boolean> => {
    const send = `kill -${name.slice(3)} ${group ? `"$([ "$4" = ${process.pid} ] && echo -)${process.pid}"` : process.pid}`;
    const script = `${ifStill(process, dataDir)}\n${send}`;
    const { code } = await session.script(script, `signals ${process.name}`);
    return code === 0;
  };
  return {
    async processes() {
      const { code, stdout } = await session.script(findScript(dataDir), "lists its processes");
      if (code === 44) throw noProc(session.target.name);
      const [boot = ""] = stdout.split("\n", 1);
      const groups = groupsOf(stdout, dataDir);
      boots.clear();
      for (const process of [...groups.values()].flat()) if (boot !== "") boots.set(keyOf(process), boot);
      return groups;
    },
    async lives(pid) {
      const { code } = await session.script(`[ -d /proc/${Number(pid)} ]`, "looks for a process");
      return code === 0;
    },
    signal: (process, name) => signal(process, name),
    async stop(process, { withinMs, signal: name = "SIGKILL", group = false }) {
      const until = performance.now() + withinMs;
      const unit = unitOf(process.name);
      const send = `${ifStill(process, dataDir)}\n${hasUnit(unit, process.pid)}\n${stopUnit(unit, name)}`;
      const { code } = await session.script(send, `stops ${process.name}`);
      if (code !== 0) await signal(process, name, group);
      for (;;) {
        const { code } = await session.script(endedScript(process), `stops ${process.name}`);
        if (code === 0) break;
        if (performance.now() >= until) return false;
        await sleep(10);
      }
      await session.script(removeUnit(unit), `takes ${unit} away`);
      return true;
    },
  } satisfies Partial<Host>;
}

/** Sets the positional parameters to a process's state and what follows in /proc/<pid>/stat: $1 state, $4 session, ${20} start. */
const statOf = (pid: number | string): string => `s=$(cat /proc/${pid}/stat 2>/dev/null) && set -- \${s##*) }`;

const keyOf = ({ name, pid, startTicks }: RunningProcess): string => `${pid} ${startTicks} ${name}`;

/**
 * The same without a program, which the gap would wait for: its start tells it from every other process of the same boot of the host.
 * In another boot its mark does, with one.
 */
export function ifSame(process: RunningProcess, dataDir: string, boots: Boots): string {
  const { pid, name, startTicks } = process;
  const [mark, environ] = [word(`${processMarker}=${dataDir}/${name}`), `/proc/${pid}/environ`];
  const boot = boots.get(keyOf(process));
  const sameBoot = boot === undefined ? "false" : `[ "$natsby_boot" = ${word(boot)} ]`;
  return [
    `IFS= read -r s </proc/${pid}/stat 2>/dev/null || exit 1; set -- \${s##*) }`,
    `[ "\${20}" = ${startTicks} ] || exit 1; case $1 in Z|X) exit 1 ;; esac`,
    // The grep of busybox sees nothing behind a NUL.
    `${sameBoot} || grep -qF -- ${mark} ${environ} 2>/dev/null || tr '\\000' '\\n' <${environ} 2>/dev/null | grep -qxF -- ${mark} || exit 1`,
  ].join("\n");
}

/** Ends with 1 unless it is this very process, alive. */
function ifStill({ pid, name, startTicks }: RunningProcess, dataDir: string): string {
  const mark = `$(${printed(`${processMarker}=${dataDir}/${name}`)})`;
  return [
    `${statOf(pid)} || exit 1`,
    `[ "\${20}" = ${startTicks} ] || exit 1; case $1 in Z|X) exit 1 ;; esac`,
    `tr '\\000' '\\n' </proc/${pid}/environ 2>/dev/null | grep -qxF -- "${mark}" || exit 1`,
  ].join("\n");
}

/** Ends with 0 when nothing of it is left, its ports included: a zombie may have threads that hold what it had open. */
function endedScript({ pid, startTicks }: RunningProcess): string {
  const gone = `${statOf(pid)} || exit 0; [ "\${20}" = ${startTicks} ] || exit 0`;
  const zombie = `case $1 in Z|X) set -- /proc/${pid}/task/*; [ $# -gt 1 ] || exit 0 ;; esac`;
  return `n=0; while [ $n -lt ${lookMs / 20} ]; do ${gone}; ${zombie}; n=$((n+1)); sleep 0.02 2>/dev/null || sleep 1; done; exit 1`;
}

/** A line for each that carries the mark: pid, state, session, start, name. */
function findScript(dataDir: string): string {
  const prefix = `${processMarker}=${dataDir}/`;
  return [
    `[ -r /proc/self/stat ] || exit 44; printf '%s\\n' "$natsby_boot"`,
    `mark=$(${printed(prefix)})`,
    // One program for all of them, where it sees what is behind a NUL: busybox's does not.
    "if printf 'a\\000b' | grep -qF b; then marked() { grep -lsF -- \"$mark\" /proc/[0-9]*/environ; }",
    'else marked() { for file in /proc/[0-9]*/environ; do tr \'\\000\' \'\\n\' <"$file" 2>/dev/null | grep -qF -- "$mark" && echo "$file"; done; }; fi',
    "marked | while IFS= read -r file; do",
    `pid=\${file#/proc/}; pid=\${pid%/environ}`,
    `name=$(tr '\\000' '\\n' <"$file" 2>/dev/null | while IFS= read -r l; do case $l in "$mark"*) printf '%s' "\${l#"$mark"}"; break ;; esac; done)`,
    `[ -n "$name" ] && ${statOf("$pid")} && printf '%s %s %s %s %s\\n' "$pid" "$1" "$4" "\${20}" "$name"`,
    "done; exit 0",
  ].join("\n");
}

/** The leader of its session, not its children; a child only where its leader is gone. */
function groupsOf(listed: string, dataDir: string): ReadonlyMap<string, readonly RunningProcess[]> {
  const marked = listed.split("\n").flatMap((line) => {
    const [, pid, state = "", session, start, name = ""] = /^(\d+) (\S+) (\d+) (\d+) (.+)$/.exec(line) ?? [];
    if (pid === undefined || "ZX".includes(state) || name.includes("/")) return [];
    const process = { name, dataDir, pid: Number(pid), startTicks: Number(start), frozen: /^t/i.test(state) };
    return [{ process, session: Number(session) }];
  });
  const pids = new Set(marked.map(({ process }) => process.pid));
  const main = marked.filter(({ process, session }) => process.pid === session || !pids.has(session));
  const processes = main.map(({ process }) => process);
  processes.sort((a, b) => a.startTicks - b.startTicks || a.pid - b.pid);
  return Map.groupBy(processes, ({ name }) => name);
}

function noProc(host: string): UserError {
  return new UserError(`cannot list processes on host ${host}: /proc is not there`, {
    code: "no-proc",
    hint: "natsby's hosts run Linux",
  });
}
