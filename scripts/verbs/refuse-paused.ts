// A pause is met before anything is written: the cutover would refuse too, only later.

import { UserError } from "../../infra/core/errors.ts";
import type { Deployed } from "../../infra/core/judge.ts";
import { describePause } from "../../infra/core/pause.ts";

/** @throws UserError exit 3 while a pause is in force. */
export function refusePaused({ pause }: Deployed): void {
  if (!pause) return;
  throw new UserError(describePause(pause), { code: "paused", hint: "wait until then, or end it: `natsby resume`" });
}
