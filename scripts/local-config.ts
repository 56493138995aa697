// Writes what a stack's config needs before the first `pulumi up`: made once, kept for ever, never by the program itself.

import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../infra/core/errors.ts";
import { refuseForeignFolder } from "../infra/core/local-try.ts";
import { dummyPorts, upstreamPorts } from "../infra/core/ports.ts";
import { configFromFile } from "../infra/core/stack-config.ts";
import { findProcesses } from "../infra/hosts/processes.ts";
import { readText } from "../infra/hosts/text-file.ts";
import { findBasePort } from "./free-ports.ts";
import { askForResult } from "./pulumi-run.ts";
import { projectName } from "./stack-config-file.ts";
import { fullEnvironment } from "./toolchain/environment.ts";
import type { Toolchain } from "./toolchain/look.ts";
import { projectRoot, runtimeDir } from "./toolchain/paths.ts";

/** What was written. */
export interface Initialised {
  readonly stack: string;
  /** Keys that were missing and are set now. */
  readonly written: readonly string[];
}

/**
 * Selects the stack, making it where there is none, and sets each missing key that cannot have a default.
 * @param fresh makes new ones even where there are some: for a folder that was copied from another one.
 */
export async function initialise(toolchain: Toolchain, stack: string, fresh = false): Promise<Initialised> {
  await askForResult(toolchain, ["stack", "select", "--create", stack]);
  const values = await configOf(stack);
  if (fresh) clear(join(runtimeDir, stack));
  const missing = (key: string) => fresh || values[key] === undefined;
  const plain: Record<string, string> = {};
  if (values.activePublisher === undefined) plain.activePublisher = firstPublisher(values.publishers);
  if ((values.platform ?? "local") === "local") {
    if (missing("dataDir")) plain.dataDir = join(runtimeDir, stack);
    refuseForeignFolder(stack, { dataDir: plain.dataDir ?? String(values.dataDir) }, backendOf(toolchain));
    if (missing("basePort")) plain.basePort = String(await findBasePort(join(runtimeDir, stack), portsWith(values)));
  }
  const pairs = Object.entries(plain).flatMap(([key, value]) => ["--plaintext", `${key}=${value}`]);
  if (pairs.length > 0) await askForResult(toolchain, ["config", "set-all", "-s", stack, ...pairs]);
  const secret = missing("clusterSecret");
  if (secret) {
    const stdin = randomBytes(32).toString("base64url");
    await askForResult(toolchain, ["config", "set", "--secret", "clusterSecret", "-s", stack], { stdin });
  }
  return { stack, written: [...Object.keys(plain), ...(secret ? ["clusterSecret"] : [])] };
}

/** The stack's own keys as its file has them; none where there is no file yet. */
export async function configOf(stack: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await readText(join(projectRoot, "stacks", `Pulumi.${stack}.yaml`));
  const project = await projectName(projectRoot);
  return text === null ? {} : configFromFile({ project, stack }, text).values;
}

/** Where this folder's stacks are kept; undefined where that is Pulumi's own choice. */
export const backendOf = (toolchain: Toolchain): string | undefined =>
  fullEnvironment(toolchain, process.env).PULUMI_BACKEND_URL ?? process.env.PULUMI_BACKEND_URL;

/** What lies there is an older stack's, or a copy of another one's: with a new secret it would be refused. */
function clear(dataDir: string): void {
  if (findProcesses(dataDir).size > 0) {
    throw new UserError(`the stack in ${dataDir} runs: a fresh one would leave its processes to nobody`, {
      code: "still-running",
      hint: "npm stop",
    });
  }
  rmSync(dataDir, { recursive: true, force: true });
}

function portsWith(values: Readonly<Record<string, unknown>>): (basePort: number) => readonly number[] {
  const upstreams = namesOf(values.upstreams, ["server0", "server1"]);
  const publishers = namesOf(values.publishers, ["publisher0", "publisher1"]);
  return (basePort) =>
    [...upstreamPorts(upstreams, basePort), ...dummyPorts(publishers, basePort)].flatMap(Object.values);
}

function namesOf(list: unknown, otherwise: readonly string[]) {
  const names = Array.isArray(list) ? list.map((entry) => String((entry as { name?: unknown }).name)) : otherwise;
  return names.map((name) => ({ name, clientPort: null, monitorPort: null, clusterPort: null }));
}

const firstPublisher = (list: unknown): string => namesOf(list, ["publisher0"])[0]?.name ?? "publisher0";
