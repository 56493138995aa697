// What the stack's last good run recorded: its own outputs, read back silently.

import * as pulumi from "@pulumi/pulumi";

/** What the program needs of its last outputs. Holds no secret. */
export interface Recorded {
  readonly activePublisher: string;
  readonly epoch: number;
  readonly lastCutover: string | null;
  /** Names of the resources that bring a process, one a server or publisher. */
  readonly resources: readonly string[];
  /** The host that each publisher was brought to, where it has one of its own. @default not recorded */
  readonly hosts?: ReadonlyMap<string, string>;
}

/** Null before the first good run and after a destroy. */
export async function readRecorded(): Promise<Recorded | null> {
  const name = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  const { outputs } = await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name });
  const { activePublisher, epoch, upstreams, publishers, lastCutover } = outputs ?? {};
  if (typeof activePublisher !== "string") return null;
  const names = (list: unknown): string[] => (Array.isArray(list) ? list.map(({ name }) => String(name)) : []);
  const dummies = Array.isArray(publishers) ? publishers.map(({ dummy }) => String(dummy)) : [];
  const placed = Array.isArray(publishers) ? publishers.filter(({ host }) => typeof host === "string") : [];
  return {
    activePublisher,
    epoch: Number(epoch ?? 0),
    lastCutover: typeof lastCutover === "string" ? lastCutover : null,
    resources: [
      ...names(upstreams).map((upstream) => `${upstream}-server`),
      ...dummies.map((dummy) => `${dummy}-server`),
      ...names(publishers).map((publisher) => `${publisher}-process`),
    ],
    ...(placed.length > 0 && { hosts: new Map(placed.map(({ name, host }) => [String(name), String(host)])) }),
  };
}
