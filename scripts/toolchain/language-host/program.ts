// Runs the user's program with Pulumi's own runner, under the Node that runs this host. The program talks to the
// engine itself, so resources, transforms and logs never pass through here; only what it prints does.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import languagePb from "@pulumi/pulumi/proto/language_pb.js";
import { optionsOf } from "./options.ts";

type RunRequest = InstanceType<typeof languagePb.RunRequest>;
type RunResponse = InstanceType<typeof languagePb.RunResponse>;

/** What Pulumi's runner exits with when it has already told the user what is wrong. */
const alreadyTold = 32;

/** How long a program's output is awaited after its end: what it started may hold its pipes for ever. */
const outputWithinMs = 1_000;

/** A program that Pulumi compiles needs all that the SDK loads. */
const lean = ["--import", pathToFileURL(join(import.meta.dirname, "lean.ts")).href];

const running = new Set<ChildProcess>();
let ending = false;

/** Ends the programs, silently: what they say about a lost engine helps nobody. */
export function endPrograms(signal: NodeJS.Signals): void {
  ending = true;
  for (const program of running) program.kill(signal);
}

/** Runs a program to its end. */
export async function runProgram(request: RunRequest, engine: string): Promise<RunResponse> {
  const folder = request.getInfo()?.getProgramDirectory() || request.getPwd();
  const runner = runnerFor(folder);
  if (!runner) return new languagePb.RunResponse().setError(sdkMissing(folder));
  const { typescript, nodeargs } = optionsOf(request.getInfo());
  const argv = [...(typescript ? [] : lean), ...nodeargs, runner, ...runnerArguments(request, engine)];
  const env = { ...process.env, ...configVariables(request), ...(typescript && { PULUMI_NODEJS_TYPESCRIPT: "true" }) };
  return responseTo(await finished(spawn(process.execPath, argv, { env, stdio: ["ignore", "pipe", "pipe"] })));
}

/** The program's own copy of the SDK, as with the real host: the host's may be another one. */
function runnerFor(folder: string): string | undefined {
  try {
    return createRequire(join(folder, "package.json")).resolve("@pulumi/pulumi/cmd/run");
  } catch {
    return undefined;
  }
}

const sdkMissing = (folder: string): string =>
  `The package @pulumi/pulumi is not installed for the program in ${folder}. To install it: npm ci --ignore-scripts`;

/** What cmd/run of the SDK takes: options first, then the program and its own arguments. */
function runnerArguments(request: RunRequest, engine: string): readonly string[] {
  const options = {
    monitor: request.getMonitorAddress(),
    engine,
    organization: request.getOrganization(),
    project: request.getProject(),
    "root-directory": request.getInfo()?.getRootDirectory(),
    stack: request.getStack(),
    pwd: request.getPwd(),
    parallel: String(request.getParallel()),
  };
  const given = Object.entries(options).filter(([, value]) => value);
  return [
    ...given.map(([name, value]) => `--${name}=${value}`),
    ...(request.getDryrun() ? ["--dry-run"] : []),
    request.getInfo()?.getEntryPoint() || ".",
    ...request.getArgsList(),
  ];
}

function configVariables(request: RunRequest) {
  return {
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().toArray())),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
  };
}

interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

async function finished(program: ChildProcess): Promise<End> {
  running.add(program);
  program.stdout?.on("data", (chunk) => ending || process.stdout.write(chunk));
  program.stderr?.on("data", (chunk) => ending || process.stderr.write(chunk));
  const closed = once(program, "close").catch(() => {});
  const [code, signal] = await once(program, "exit").finally(() => running.delete(program));
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, outputWithinMs).unref())]);
  return { code, signal };
}

function responseTo({ code, signal }: End): RunResponse {
  const response = new languagePb.RunResponse();
  if (code === 0) return response;
  if (code === alreadyTold || ending) return response.setBail(true);
  return response.setError(`Program exited with non-zero exit code: ${code ?? `-1 (${signal})`}`);
}
