// The benchmark: measures the sections that are named, or all, and writes docs/benchmarks.md with its numbers and pictures.
// `--quick` measures a little of each, prints the page on stdout and writes nothing.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../scripts/toolchain/paths.ts";
import { machineNow } from "./machine.ts";
import { type Measured, type Results, renderPage } from "./page.ts";
import type { Scale, Section } from "./section.ts";
import { sections } from "./sections.ts";

const docs = join(projectRoot, "docs");
const quickFlips = 5;
const usage = 64;

const stopped = new AbortController();

async function bench(args: readonly string[]): Promise<number> {
  const isQuick = args.includes("--quick");
  const named = args.filter((arg) => arg !== "--quick");
  const unknown = named.find((name) => !sections.some((section) => section.name === name));
  if (unknown !== undefined) {
    const names = sections.map(({ name }) => name).join(", ");
    console.error(`bench: there is no section ${unknown}; there are ${names}, and --quick`);
    return usage;
  }
  for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"] as const) process.on(signal, () => stopped.abort(signal));
  const scale: Scale = { isQuick, flips: (whole) => (isQuick ? Math.min(quickFlips, whole) : whole) };
  const chosen = sections.filter(({ name }) => named.length === 0 || named.includes(name));
  const results: Record<string, Measured> = {};
  for (const section of chosen) results[section.name] = await measure(section, scale);
  if (isQuick) process.stdout.write(renderPage(sections, results));
  else write({ ...readResults(), ...results });
  return 0;
}

async function measure(section: Section<unknown>, scale: Scale): Promise<Measured> {
  const machine = machineNow();
  const started = performance.now();
  // Every loop says how far it is: a place to stop, from which all servers are taken away.
  const say = (line: string) => {
    stopped.signal.throwIfAborted();
    console.error(`${section.name} ${clock(performance.now() - started)}  ${line}`);
  };
  say(section.title);
  return { machine, data: await section.measure(scale, say) };
}

const clock = (ms: number): string =>
  `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1_000) % 60).padStart(2, "0")}`;

/** What was measured before: a section that is not measured again keeps its numbers. */
function readResults(): Results {
  const path = join(docs, "benchmarks.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Results) : {};
}

/** The page is made of what stands in the file, so that it can be made again from there. */
function write(measured: Results): void {
  const hundredths = (_: string, value: unknown) => (typeof value === "number" ? Math.round(value * 100) / 100 : value);
  const text = JSON.stringify(measured, hundredths, 1);
  const results = JSON.parse(text) as Results;
  mkdirSync(docs, { recursive: true });
  writeFileSync(join(docs, "benchmarks.json"), `${text}\n`);
  writeFileSync(join(docs, "benchmarks.md"), renderPage(sections, results));
  for (const { name, pictures } of sections) {
    const own = results[name];
    const drawn = own === undefined ? {} : pictures(own.data);
    for (const [file, svg] of Object.entries(drawn)) writeFileSync(join(docs, file), svg);
  }
  console.error(`bench: written to ${join("docs", "benchmarks.md")}`);
}

process.exitCode = await bench(process.argv.slice(2)).catch((error: unknown) => {
  if (!stopped.signal.aborted) throw error;
  console.error(`bench: stopped by ${stopped.signal.reason}; its servers are gone, nothing was written`);
  return 1;
});
