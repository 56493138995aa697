// What a run of Pulumi did, out of the engine's event log: steps, differences, logs and errors by resource name.

import { existsSync, readFileSync } from "node:fs";

/** What was done, each by the name of the resource; the stack itself is called "stack". */
export interface Did {
  /** The operations in order; resources that stay as they are have none. */
  readonly steps: Readonly<Record<string, readonly string[]>>;
  /** How each path of the inputs differs. */
  readonly diffs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Lines that were shown while it ran. */
  readonly lines: Readonly<Record<string, readonly string[]>>;
  /** Messages that stay, such as those of `pulumi.log`. */
  readonly messages: Readonly<Record<string, readonly string[]>>;
  readonly errors: Readonly<Record<string, readonly string[]>>;
  /** Outputs that a preview or an update gave. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface Step {
  readonly op: string;
  readonly urn: string;
  readonly detailedDiff: Readonly<Record<string, { readonly diffKind: string; readonly inputDiff: boolean }>> | null;
  readonly new: { readonly outputs?: Readonly<Record<string, unknown>> } | null;
}

interface Diagnostic {
  readonly urn?: string;
  readonly severity: string;
  readonly message: string;
  readonly ephemeral?: boolean;
}

interface EngineEvent {
  readonly resourcePreEvent?: { readonly metadata: Step };
  readonly resOutputsEvent?: { readonly metadata: Step };
  readonly diagnosticEvent?: Diagnostic;
}

/** Reads a log that `--event-log` wrote; none, where the CLI ended before its engine began. */
export function readEvents(path: string): Did {
  const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n") : [];
  const events: EngineEvent[] = lines.filter(Boolean).flatMap(parsed);
  const planned = events.flatMap(({ resourcePreEvent }) => resourcePreEvent?.metadata ?? []);
  const ended = events.flatMap(({ resOutputsEvent }) => resOutputsEvent?.metadata ?? []);
  const said = events.flatMap(({ diagnosticEvent }) => diagnosticEvent ?? []);
  const notes = said.filter(({ severity }) => severity.startsWith("info"));
  return {
    steps: byName(planned.filter(isChange), ({ op }) => op),
    diffs: Object.fromEntries(planned.filter(hasDiff).map((step) => [nameOf(step.urn), kindsOf(step)])),
    lines: byName(
      notes.filter(({ ephemeral }) => ephemeral),
      textOf,
    ),
    messages: byName(
      notes.filter(({ ephemeral }) => !ephemeral),
      textOf,
    ),
    errors: byName(
      said.filter(({ severity }) => severity === "error"),
      ({ message }) => message,
    ),
    outputs: Object.fromEntries(ended.filter(isChange).map((step) => [nameOf(step.urn), step.new?.outputs ?? {}])),
  };
}

/** The last line is cut short where the CLI was killed. */
function parsed(line: string): readonly EngineEvent[] {
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}

const nameOf = (urn = ""): string =>
  /::pulumi:pulumi:Stack::|^$/.test(urn) ? "stack" : (urn.split("::").at(-1) ?? "");

const isChange = ({ op, urn }: Step): boolean => op !== "same" && op !== "refresh" && /::(command|docker):/.test(urn);

const hasDiff = (step: Step): boolean => isChange(step) && step.detailedDiff !== null;

const textOf = ({ message }: Diagnostic): string => message.replace(/\n+$/, "");

/** A difference that is not one of inputs says so. */
const kindsOf = ({ detailedDiff }: Step): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(detailedDiff ?? {}).map(([path, { diffKind, inputDiff }]) => [
      path,
      inputDiff ? diffKind : `${diffKind} of outputs`,
    ]),
  );

function byName<T extends { readonly urn?: string }>(all: readonly T[], value: (one: T) => string) {
  const groups = Object.groupBy(all, ({ urn }) => nameOf(urn));
  return Object.fromEntries(Object.entries(groups).map(([name, group = []]) => [name, group.map(value)]));
}
