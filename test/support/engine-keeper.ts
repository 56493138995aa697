// Keeps a Docker engine for engine.ts: starts it, and when whoever asked for it is done, or dead, leaves nothing of it behind.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageOf } from "../../infra/core/errors.ts";
import { removeRemains } from "./engine-remains.ts";
import { until } from "./until.ts";

const [id = "", net = ""] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), `natsby-${id}-`));
const socket = join(folder, "socket");
let dockerd: ChildProcess | undefined;

/** One thing at a time: an end waits for a start that is under way. */
let turn = Promise.resolve();
const inTurn = (work: () => Promise<void>): void => {
  turn = turn.then(work);
};

process.once("disconnect", () => inTurn(end));
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => inTurn(end));
process.on("message", () => inTurn(() => tell(restart)));
inTurn(() => tell(start));

async function tell(work: () => Promise<void>): Promise<void> {
  try {
    await work();
    process.send?.({ url: `unix://${socket}` });
  } catch (error) {
    process.send?.({ failed: `${messageOf(error)}\n${logged()}` });
    await end();
  }
}

async function start(): Promise<void> {
  ip("link", "add", `${id}br`, "type", "bridge");
  ip("addr", "add", `${net}.0.1/24`, "dev", `${id}br`);
  ip("link", "set", `${id}br`, "up");
  mkdirSync(join(folder, "data"));
  // Else the machine's own settings would hold.
  writeFileSync(join(folder, "config.json"), "{}\n");
  await startDaemon();
}

/** No packet filter rules: they are the whole machine's, and two engines would undo each other's. Nothing is routed between networks. */
async function startDaemon(): Promise<void> {
  const log = openSync(join(folder, "log"), "a");
  const names = ["--containerd-namespace", id, "--containerd-plugins-namespace", `${id}p`, "--cgroup-parent", `/${id}`];
  const places = ["--data-root", join(folder, "data"), "--exec-root", join(folder, "exec"), "-p", join(folder, "pid")];
  const config = ["--config-file", join(folder, "config.json")];
  const network = ["--iptables=false", "--ip-forward=false", "--ip-masq=false", "--bridge", `${id}br`];
  const pool = ["--default-address-pool", `base=${net}.128.0/17,size=24`];
  const more = ["--exec-opt", "native.cgroupdriver=cgroupfs", "--shutdown-timeout", "2"];
  const args = ["-H", `unix://${socket}`, ...config, ...places, ...names, ...network, ...pool, ...more];
  dockerd = spawn("dockerd", args, { stdio: ["ignore", log, log], detached: true });
  dockerd.once("error", () => undefined);
  closeSync(log);
  await until("the Docker engine answers", () => ask("GET", "/_ping").then(() => true), 30_000);
}

async function restart(): Promise<void> {
  await stopDaemon();
  await startDaemon();
}

async function end(): Promise<void> {
  await removeContainers().catch(() => undefined);
  await removeNetworks().catch(() => undefined);
  await stopDaemon().catch(() => undefined);
  await removeRemains(id, folder);
  process.exit();
}

async function stopDaemon(): Promise<void> {
  const daemon = dockerd;
  if (daemon?.pid === undefined) return;
  const group = -daemon.pid;
  daemon.kill("SIGTERM");
  const gone = () => daemon.exitCode !== null || daemon.signalCode !== null;
  await until("the Docker engine is gone", gone, 15_000).finally(() => {
    try {
      process.kill(group, "SIGKILL");
    } catch {}
  });
}

/** A frozen one first thaws: it would not see its end. */
async function removeContainers(): Promise<void> {
  const all = JSON.parse(await ask("GET", "/containers/json?all=1")) as { Id: string; State: string }[];
  await Promise.all(
    all.map(async ({ Id, State }) => {
      if (State === "paused") await ask("POST", `/containers/${Id}/unpause`);
      await ask("DELETE", `/containers/${Id}?force=1&v=1`);
    }),
  );
}

/** Else their bridges stay: they are called after the network and not after the engine. */
async function removeNetworks(): Promise<void> {
  const all = JSON.parse(await ask("GET", "/networks")) as { Id: string; Name: string }[];
  const made = all.filter(({ Name }) => !["bridge", "host", "none"].includes(Name));
  await Promise.all(made.map(({ Id }) => ask("DELETE", `/networks/${Id}`)));
}

function ask(method: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: socket, method, path, timeout: 20_000 }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.once("end", () => ((response.statusCode ?? 500) < 300 ? resolve(text) : reject(new Error(text))));
    });
    asked.once("timeout", () => asked.destroy(new Error(`no answer to ${path}`)));
    asked.once("error", reject).end();
  });
}

function logged(): string {
  try {
    return readFileSync(join(folder, "log"), "utf8").split("\n").slice(-20).join("\n");
  } catch {
    return "";
  }
}

function ip(...words: readonly string[]): void {
  execFileSync("ip", words, { stdio: "pipe" });
}
