// The guard of a host over SSH. Its rules are those of guard.ts and are applied here; the host only compares, under its lock, that the
// record is still the very text that was judged, and does the rest in the same step.

import { stackFiles } from "../../core/layout.ts";
import { checkClaim, checkWrite, newGuard, parseGuard } from "../guard.ts";
import { type Guard, type Host, isLeftover, stagedPath } from "../host.ts";
import { check, placeScript, writeScript } from "./files.ts";
import { locked, lockedCode, takeLock, whileHeld } from "./locks.ts";
import { type Boots, ifSame } from "./processes.ts";
import { printed, word } from "./quote.ts";
import type { Session } from "./session.ts";
import type { Answer } from "./shell.ts";

const lockMs = 5_000;
/** Another text stands in the record than the one that was judged. */
const changedCode = 76;
/** Each time somebody else came in between. */
const mostTries = 20;

/** What `session.ts` and `files.ts` give to it. */
export type FilesThere = Pick<Host, "read" | "list">;

export function guardedThere(session: Session, files: FilesThere, dataDir: string, boots: Boots) {
  const path = `${dataDir}/${stackFiles.guard}`;
  const name = session.target.name;
  /** The record as last seen: null where there is none, undefined where nobody has looked. */
  let seen: string | null | undefined;
  const guardOf = (text: string | null): Guard => (text === null ? newGuard : parseGuard(text, `${name}:${path}`));

  /** Under the lock, and only where the record is `text`. */
  const step = (text: string | null): string => {
    const [file, wanted] = [word(path), text === null ? "none" : `"$(${printed(text)}; echo .)"`];
    const look = `if [ -e ${file} ]; then now=$(cat -- ${file}; echo .); else now=none; fi`;
    const changed = `[ "$now" = none ] || printf '=%s' "\${now%.}"; exit ${changedCode}`;
    return `${takeLock(dataDir, lockMs)}\n${isLine(text, file)} || { ${look}; [ "$now" = ${wanted} ] || { ${changed}; }; }`;
  };

  async function inStep<T>(judge: (guard: Guard) => void, attempt: (text: string | null) => Promise<T>): Promise<T> {
    if (seen === undefined) seen = await files.read(path);
    for (let tries = 1; ; tries++) {
      judge(guardOf(seen));
      try {
        return await attempt(seen);
      } catch (error) {
        if (!(error instanceof RecordChanged) || tries === mostTries) throw error;
        seen = error.text;
      }
    }
  }

  async function scripted(text: string | null, script: string, about: string): Promise<void> {
    const answer = await session.script(`${step(text)}\n${script}`, `writes ${about}`, lockMs + 10_000);
    check(settled(answer), about, session.target.name);
  }

  function settled(answer: Answer): Answer {
    if (answer.code === lockedCode) throw locked(session, dataDir, lockMs);
    if (answer.code === changedCode) throw new RecordChanged(answer.stdout);
    return answer;
  }

  return {
    async guard() {
      seen = await files.read(path);
      return guardOf(seen);
    },
    claim: (claim) =>
      inStep(
        (guard) => checkClaim(guard, claim, name),
        async (text) => {
          const next = `${JSON.stringify(claim)}\n`;
          const write = `${writeScript(`${path}.next`, next, 0o600)} && ${placeScript(`${path}.next`, path)}`;
          await scripted(text, write, path);
          seen = next;
        },
      ),
    async stage(file, text, mode, claim) {
      const refuse = `if [ -d ${word(file)} ] && [ ! -L ${word(file)} ] && [ -n "$(ls -A -- ${word(file)})" ]; then echo "Directory not empty" >&2; exit 1; fi`;
      const script = `${refuse}\n${writeScript(stagedPath(file, claim), text, mode)}`;
      check(await session.script(script, `writes ${file}`), file, session.target.name);
    },
    commit: (file, claim, reader) =>
      inStep(
        (guard) => checkWrite(guard, claim, name),
        (text) => {
          const place = `{ ${placeScript(stagedPath(file, claim), file)}; } || exit 1`;
          const tell =
            reader === undefined ? "" : `( ${ifSame(reader, dataDir, boots)}\nkill -HUP ${reader.pid} ) || :`;
          return scripted(text, `${place}\n${tell}`, file);
        },
      ),
    guarded: (claim, work) =>
      inStep(
        (guard) => checkWrite(guard, claim, name),
        (text) => whileHeld(session, step(text), lockMs, (code, stdout) => refusedOf(settled, code, stdout), work),
      ),
    async tidy(folder, claim) {
      const left = (await files.list(folder)).filter((one) => isLeftover(one, claim));
      if (left.length === 0) return;
      const gone = left.map((one) => word(`${folder}/${one}`)).join(" ");
      check(await session.script(`rm -rf -- ${gone}`, `tidies ${folder}`), folder, session.target.name);
    },
    inTurn: (lock, withinMs, work) => {
      const late = (): unknown => locked(session, lock, withinMs);
      return whileHeld(session, takeLock(lock, withinMs), withinMs, late, work);
    },
  } satisfies Partial<Host>;
}

/** Without a program of its own, which the gap would wait for: whether the record is the line that natsby writes. */
function isLine(text: string | null, file: string): string {
  if (text === null || !/^[ -~]+\n$/.test(text)) return "false";
  return `{ { IFS= read -r now <${file}; } 2>/dev/null && [ "$now" = ${word(text.trimEnd())} ]; }`;
}

/** Somebody else claimed in between. */
class RecordChanged extends Error {
  override readonly name = "RecordChanged";
  /** What stands there now. */
  readonly text: string | null;

  constructor(text: string) {
    super("the host's guard changed again and again");
    this.text = text === "" ? null : text.slice(1);
  }
}

function refusedOf(settled: (answer: Answer) => Answer, code: number, stdout: string): unknown {
  try {
    settled({ code, stdout, stderr: "" });
    return new Error(`a shell on the host ended with ${code}`);
  } catch (error) {
    return error;
  }
}
