// What a server would run if it read its files now: asked of nats-server itself, by `-t`, which starts nothing.

import { fileNames } from "../core/layout.ts";
import type { Host } from "../hosts/host.ts";

/** The digest, or what nats-server says against the files; both null where it could not be asked. */
export interface WantedDigest {
  readonly digest: string | null;
  readonly problem: string | null;
}

/** Asks for the digest of the config in `folder`, without this process's environment: a `$name` in a config may read it. */
export async function wantedDigest(
  host: Pick<Host, "run" | "look">,
  natsServer: string | null,
  folder: string,
  withinMs: number,
): Promise<WantedDigest> {
  if (natsServer === null) return { digest: null, problem: null };
  try {
    const argv = [natsServer, "-c", fileNames.base, "-t"] as const;
    const { code, stdout, stderr, timedOut } = await host.run(argv, { cwd: folder, withinMs, environment: {} });
    if (timedOut) return { digest: null, problem: null };
    return readDigest(code, stdout + stderr);
  } catch {
    const [found] = await host.look([folder]).catch(() => []);
    return { digest: null, problem: found?.kind === "none" ? `${folder} is missing` : null };
  }
}

/** `nats-server: configuration file nats.conf is valid (sha256:…)`, or a line in its own words. */
export function readDigest(code: number | null, output: string): WantedDigest {
  const digest = /\((sha256:[0-9a-f]{64})\)/.exec(output)?.[1] ?? null;
  if (code === 0 && digest !== null) return { digest, problem: null };
  const words =
    output
      .trim()
      .split("\n")[0]
      ?.replace(/^nats-server: /, "") ?? "";
  return { digest: null, problem: words === "" ? `it ends with ${code}` : words };
}
