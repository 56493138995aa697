// Who may still write on a host: pure rules over what it has seen. The drivers keep the record and take the lock.

import { UserError } from "../core/errors.ts";
import { exitCodes } from "../core/exit-codes.ts";
import type { Claim, Guard } from "./host.ts";

/** What a host has seen that nobody has written to yet. */
export const newGuard: Guard = { epoch: 0, ticket: 0, fenced: [] };

/** Reads a guard record. @throws UserError when it is not one: a host whose record is lost must not be written to blindly. */
export function parseGuard(text: string, path: string): Guard {
  try {
    const { epoch, ticket, fenced } = JSON.parse(text) as Guard;
    if (Number.isInteger(epoch) && Number.isInteger(ticket) && Array.isArray(fenced)) return { epoch, ticket, fenced };
  } catch {
    // Falls through to the error below: how it is broken does not matter.
  }
  throw new UserError(`${path} is broken: it should say which epoch and ticket this host has seen`, {
    code: "guard-broken",
    hint: `put {"epoch":0,"ticket":0,"fenced":[]} there if no other cutover is running`,
  });
}

/** Whether `claim` may take over: its ticket must be new. @throws UserError exit 7. */
export function checkClaim(seen: Guard, claim: Claim, host: string): void {
  checkEpoch(seen, claim, host);
  if (claim.ticket <= seen.ticket) throw superseded(`ticket ${seen.ticket}`, `ticket ${claim.ticket}`, host);
}

/** Whether a holder of `claim` may still write. @throws UserError exit 7. */
export function checkWrite(seen: Guard, claim: Claim, host: string): void {
  checkEpoch(seen, claim, host);
  if (claim.ticket < seen.ticket) throw superseded(`ticket ${seen.ticket}`, `ticket ${claim.ticket}`, host);
}

function checkEpoch(seen: Guard, claim: Claim, host: string): void {
  if (claim.epoch < seen.epoch) throw superseded(`epoch ${seen.epoch}`, `epoch ${claim.epoch}`, host);
  const sameFenced = [...seen.fenced].sort().join() === [...claim.fenced].sort().join();
  if (claim.epoch === seen.epoch && seen.ticket > 0 && !sameFenced) {
    throw superseded(`epoch ${seen.epoch} with fenced [${seen.fenced}]`, `fenced [${claim.fenced}]`, host);
  }
}

function superseded(seen: string, mine: string, host: string): UserError {
  return new UserError(`host ${host} has seen ${seen}; this run has ${mine}, so it is older and may not write`, {
    code: "superseded",
    exitCode: exitCodes.locked,
    hint: "look with `natsby status`; run `pulumi up` again if the config is still what you want",
  });
}
