// npm test: brings every tool, then checks the project and runs every test. `npm test -- <file or folder> …` runs those
// tests alone; what begins with `--` goes to Node, such as `--test-name-pattern="flips back"`.

import { messageOf } from "../infra/core/errors.ts";
import { type Output, processOutput } from "./render/output.ts";
import { runChecks } from "./testing/checks.ts";
import { runTests } from "./testing/run-tests.ts";
import { type Results, tallyOf, tellCheck, tellEnd, tellFile } from "./testing/story.ts";
import { testEnvironment } from "./testing/test-environment.ts";
import { findTestFiles, selectTestFiles, type TestFile } from "./testing/test-files.ts";
import { stopReasons, whenStopped } from "./testing/when-stopped.ts";
import type { Toolchain } from "./toolchain/look.ts";
import { onPath } from "./toolchain/paths.ts";
import { setUp } from "./toolchain/setup.ts";
import { showProgress } from "./toolchain/show-progress.ts";

async function test(args: readonly string[]): Promise<number> {
  const output = processOutput();
  const results = await resultsOf(args, output);
  tellEnd(results, output);
  return tallyOf(results).failed === 0 ? 0 : 1;
}

async function resultsOf(args: readonly string[], output: Output): Promise<Results> {
  const named = args.filter((arg) => !arg.startsWith("--"));
  const files = selectTestFiles(findTestFiles(), named);
  const nothing: Results = { checks: [], files: [], others: [] };
  if (files.length === 0) return { ...nothing, others: [`no test file is called ${named.join(" or ")}`] };
  const toolchain = await bringTools(needsDocker(files));
  if (typeof toolchain === "string") return { ...nothing, others: [toolchain] };
  const stop = whenStopped();
  const checks = named.length > 0 ? [] : await runChecks(stop, (result) => tellCheck(result, output));
  const whole = process.stdout.isTTY === true;
  const env = { ...testEnvironment(toolchain), ...(whole && !process.env.NO_COLOR ? { FORCE_COLOR: "1" } : {}) };
  const run = { env, nodeOptions: args.filter((arg) => arg.startsWith("--")), stop };
  const ran = await runTests(files, run, (result) => tellFile(result, whole, output));
  return { checks, files: ran, others: stopReasons(stop) };
}

/** Tests on real containers need Pulumi's plugin docker, which takes minutes where it must be built: only where they can run. */
const needsDocker = (files: readonly TestFile[]): boolean =>
  files.some(({ path }) => path.includes("docker")) && onPath("dockerd").length > 0;

/** Why it could not be done, where it could not: that is a failure like others. */
async function bringTools(docker: boolean): Promise<Toolchain | string> {
  using progress = showProgress(process.stderr);
  try {
    return await setUp(progress, process.env, docker || undefined);
  } catch (error) {
    return `set-up: ${messageOf(error)}`;
  }
}

process.exitCode = await test(process.argv.slice(2));
