// A verb that changes something, and is told to stop: what it runs is told by whoever runs it, and what must follow is still done.

import { type ExitCode, exitCodes } from "../../infra/core/exit-codes.ts";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
let told: (typeof signals)[number] | null = null;

/** From here on a signal does not end this process: half of what it does would be left. */
export function endInOrder(): void {
  for (const signal of signals) process.off(signal, remember).on(signal, remember);
}

function remember(signal: NodeJS.Signals): void {
  told ??= signals.find((one) => one === signal) ?? null;
}

/** How a run ends that was not begun any more; null where it may begin. */
export function notBegun(): { exitCode: ExitCode; entry: null; words: string } | null {
  if (told === null) return null;
  return { exitCode: exitCodes.refused, entry: null, words: `stopped by ${told} before anything was changed` };
}
