#!/usr/bin/env node
// The first thing that runs, on any Node since 20: sees to it that node_modules is what package-lock.json says, then
// hands over to a Node that runs TypeScript. The only JavaScript of the project; it imports nothing but Node itself.
//
//   node scripts/bootstrap.mjs <verb> …        natsby's CLI
//   node scripts/bootstrap.mjs --run <name> …  scripts/<name>.ts

import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const stampFile = join(modules, ".natsby-installed.json");
const lockFile = join(root, ".natsby", "install.lock");
const modulesNode = join(modules, ".bin", "node");
const oldest = { here: [20, 0], program: [22, 18] };
const [named, ...words] = process.argv.slice(2);
/** Tests and checks need the development packages; the verbs work without, as after `npm ci --omit=dev`. */
const needsDev = named === "--run";
const stops = ["SIGTERM", "SIGHUP", "SIGINT"];

try {
  if (!isSince(process.versions.node, oldest.here)) {
    throw refusal(
      `Node ${process.versions.node} is too old: natsby starts on Node 20 or later, from https://nodejs.org`,
    );
  }
  if (!isInstalled()) await install();
  await handOver();
} catch (error) {
  if (!error?.refused) throw error;
  console.error(`natsby: ${error.message}`);
  process.exitCode = 3;
}

/** Marks what the user can mend, so that it is shown without a stack. */
function refusal(message) {
  return Object.assign(new Error(message), { refused: true });
}

function isSince(version, [major, minor]) {
  const [a, b] = version.replace(/^v/, "").split(".").map(Number);
  return a > major || (a === major && b >= minor);
}

// node_modules ---------------------------------------------------------------------------------------------------------

/** The stamp names the lock file's digest and every package: a package that was taken away is noticed, too. */
function isInstalled() {
  const stamp = readJson(stampFile);
  if (!stamp || stamp.lock !== lockDigest() || (needsDev && !stamp.dev)) return adopt();
  return stamp.packages.every(isThere);
}

/** What the user's own `npm ci` or `npm install` left is as good as ours: npm notes at its end what it installed. */
function adopt() {
  const { packages: wanted = {} } = readJson(join(root, "package-lock.json")) ?? {};
  const { packages: noted = {} } = readJson(join(modules, ".package-lock.json")) ?? {};
  const paths = Object.keys(wanted).filter((path) => path !== "");
  const lacking = paths.filter((path) => !noted[path] && !wanted[path].optional);
  const packages = paths.filter((path) => noted[path]);
  const isDev = (path) => wanted[path].dev || wanted[path].devOptional;
  if (packages.length === 0 || (needsDev ? lacking.length > 0 : !lacking.every(isDev))) return false;
  if (!packages.every((path) => noted[path].version === wanted[path].version && isThere(path))) return false;
  writeStamp({ lock: lockDigest(), dev: lacking.length === 0, packages });
  return true;
}

function isThere(path) {
  return fs.existsSync(join(root, path, "package.json"));
}

/** Half a stamp is no stamp, and a folder that cannot be written is looked at each time: neither needs more care. */
function writeStamp(stamp) {
  try {
    fs.writeFileSync(stampFile, JSON.stringify(stamp));
  } catch {}
}

function lockDigest() {
  const text = fs.readFileSync(join(root, "package-lock.json"));
  return createHash("sha256").update(text).digest("hex");
}

async function install() {
  fs.mkdirSync(dirname(lockFile), { recursive: true });
  await takeLock();
  try {
    if (isInstalled()) return;
    fs.rmSync(stampFile, { force: true });
    await npmCi();
    if (!adopt()) throw refusal("npm ci ended well, yet node_modules is not what package-lock.json says");
  } finally {
    fs.rmSync(lockFile, { force: true });
  }
}

async function npmCi() {
  const npm = findNpm();
  const since = Date.now();
  const seconds = () => Math.round((Date.now() - since) / 1000);
  console.error("natsby: installing node_modules with npm ci (usually 10 to 60 s, once)");
  const still = setInterval(() => console.error(`natsby: npm ci is still at work after ${seconds()} s`), 20_000);
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
  const args = [...npm.slice(1), "ci", "--include=dev", "--ignore-scripts", ...quiet];
  const child = spawn(npm[0], args, { cwd: root, env: npmEnvironment(), stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
  const { code, signal } = await endOf(child).finally(() => clearInterval(still));
  if (code === 0) return console.error(`natsby: node_modules is there, after ${seconds()} s`);
  throw refusal(`npm ci failed (${signal ?? `exit ${code}`}):\n${output.trim().split("\n").slice(-20).join("\n")}`);
}

/** npm needs a cache: where the home cannot hold it, the project does. */
function npmEnvironment() {
  const { HOME, npm_config_cache: named } = process.env;
  const place = named || (HOME && join(HOME, ".npm"));
  if (place && isWritable(place)) return process.env;
  return { ...process.env, npm_config_cache: join(root, ".natsby", "cache", "npm") };
}

function isWritable(path) {
  return fs.existsSync(path) ? isAccessible(path, fs.constants.W_OK) : isWritable(dirname(path));
}

/** The npm that runs us, the one beside this Node, or PATH's. */
function findNpm() {
  const running = process.env.npm_execpath;
  if (running?.endsWith("npm-cli.js") && fs.existsSync(running)) return [process.execPath, running];
  const npm = [join(dirname(process.execPath), "npm"), ...onPath("npm")].find(isExecutable);
  if (npm) return [npm];
  throw refusal("npm is missing: it is needed once, to install node_modules. On Debian: apt install npm");
}

/** One install at a time in this folder; the lock of a process that is gone is taken over. */
async function takeLock() {
  for (let told = 0; ; ) {
    try {
      const holder = JSON.stringify({ pid: process.pid, start: startOf(process.pid) });
      return fs.writeFileSync(lockFile, holder, { flag: "wx" });
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const holder = readJson(lockFile);
    if (isGone(holder)) fs.rmSync(lockFile, { force: true });
    // One without a holder is being written just now: the next look can say whose it is.
    else if (holder && told++ === 0)
      console.error(`natsby: waiting for process ${holder.pid}, which installs node_modules`);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

/** A lock file without a holder is one that is just being written, unless it stays so. */
function isGone(holder) {
  if (holder) return startOf(holder.pid) !== holder.start;
  const since = fs.statSync(lockFile, { throwIfNoEntry: false })?.mtimeMs;
  return since !== undefined && Date.now() - since > 5_000;
}

/** When a process started, in the kernel's ticks: tells it from a later one with the same pid. */
function startOf(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

// Handing over ---------------------------------------------------------------------------------------------------------

async function handOver() {
  const script = join(root, "scripts", `${needsDev ? words[0] : "natsby"}.ts`);
  const args = needsDev ? words.slice(1) : process.argv.slice(2);
  if (!fs.existsSync(script)) throw refusal(`there is no ${script}`);
  // As `cacheDir` in scripts/toolchain/paths.ts, which cannot run yet; only compiled code goes there.
  const { NATSBY_CACHE, XDG_CACHE_HOME, HOME, NODE_COMPILE_CACHE } = process.env;
  const shared = XDG_CACHE_HOME || (HOME && join(HOME, ".cache"));
  const cache = NATSBY_CACHE || (shared ? join(shared, "natsby") : join(root, ".natsby", "cache"));
  process.env.NODE_COMPILE_CACHE = NODE_COMPILE_CACHE ?? join(cache, "compiled");
  const node = findNode();
  if (!needsDev && fs.realpathSync(node) === fs.realpathSync(process.execPath)) return runHere(script, args);
  const child = spawn(node, [script, ...args], { stdio: "inherit" });
  const { code, signal } = await endOf(child);
  process.exitCode = code;
  if (signal) process.kill(process.pid, signal);
}

/** This is the right Node already: a second process would only cost time. */
async function runHere(script, args) {
  const { enableCompileCache } = await import("node:module");
  if (enableCompileCache) enableCompileCache(process.env.NODE_COMPILE_CACHE);
  process.argv = [process.execPath, script, ...args];
  await import(pathToFileURL(script).href);
}

/** npm's Node is proved by its version in package-lock.json: running it would only cost time. */
function findNode() {
  const isNewEnough = (node) =>
    isSince(spawnSync(node, ["--version"], { encoding: "utf8" }).stdout ?? "", oldest.program);
  const found = isExecutable(modulesNode)
    ? modulesNode
    : onPath("node").find((node) => isExecutable(node) && isNewEnough(node));
  if (found) return found;
  throw refusal("Node 22.18 or later is needed on PATH (npm brings it for Linux on x64 and arm64): https://nodejs.org");
}

/** Passes on what asks this process to stop; a terminal's Ctrl-C goes to the child by itself, and would come twice. */
function endOf(child) {
  const passOn = (signal) => (signal === "SIGINT" && process.stdin.isTTY ? undefined : child.kill(signal));
  for (const signal of stops) process.on(signal, passOn);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal }));
  }).finally(() => {
    for (const signal of stops) process.off(signal, passOn);
  });
}

function onPath(name) {
  return (process.env.PATH ?? "")
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, name));
}

function isExecutable(path) {
  return isAccessible(path, fs.constants.X_OK);
}

function isAccessible(path, mode) {
  try {
    fs.accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

function readJson(path) {
  try {
    return JSON.parse(fs.readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}
