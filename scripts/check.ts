// npm run check: types, layers, dead code, lint and format, then the fast tests. Needs node_modules only; changes nothing.

import { processOutput } from "./render/output.ts";
import { runChecks } from "./testing/checks.ts";
import { runTests } from "./testing/run-tests.ts";
import { tallyOf, tellCheck, tellEnd, tellFile } from "./testing/story.ts";
import { checkEnvironment } from "./testing/test-environment.ts";
import { findTestFiles } from "./testing/test-files.ts";
import { stopReasons, whenStopped } from "./testing/when-stopped.ts";

async function check(): Promise<number> {
  const output = processOutput();
  const stop = whenStopped();
  const checks = await runChecks(stop, (result) => tellCheck(result, output));
  const fast = findTestFiles().filter(({ weight }) => weight === "fast");
  const run = { env: checkEnvironment(), nodeOptions: [], stop };
  const files = await runTests(fast, run, (result) => tellFile(result, false, output));
  const results = { checks, files, others: stopReasons(stop) };
  tellEnd(results, output);
  return tallyOf(results).failed === 0 ? 0 : 1;
}

process.exitCode = await check();
