// A real sshd of a test's own: on loopback, as the test's user, with its own keys; nothing of the machine's is used or changed.

import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { isExecutable } from "../../scripts/toolchain/paths.ts";
import { descendantsOf } from "./descendants.ts";
import { awaitFrozen } from "./frozen.ts";
import { freePorts } from "./ports.ts";
import { temporary } from "./temporary.ts";
import { until } from "./until.ts";

const program = "/usr/sbin/sshd";

/** Why this machine cannot; null where it can. */
export const noSshd = (): string | null =>
  isExecutable(program) ? null : `there is no ${program}: apt install openssh-server`;

/** A key pair in files, and the private key's text. */
export interface KeyPair {
  readonly path: string;
  readonly privateKey: string;
  /** As in authorized_keys, without a comment. */
  readonly publicKey: string;
}

/** Makes a key pair. */
export function makeKey(path: string, passphrase = ""): KeyPair {
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", passphrase, "-C", "", "-f", path]);
  const publicKey = readFileSync(`${path}.pub`, "utf8").trim();
  return { path, privateKey: readFileSync(path, "utf8"), publicKey };
}

/** A running sshd. */
export interface Sshd extends AsyncDisposable {
  readonly port: number;
  readonly user: string;
  /** Of the server's own. */
  readonly hostKey: string;
  /** Lets its holder in. */
  readonly key: KeyPair;
  /** Empty, for what the test puts on the host. */
  readonly folder: string;
  /** Ends every session, as a cut connection does; the server goes on. */
  endSessions(): void;
  /** Stands still, with every session: it accepts connections and answers nothing. */
  freeze(): void;
  thaw(): void;
}

/**
 * Starts it. `more` are lines of its configuration, `environment` is what its sessions find, and `within` a command that it, and all
 * that it starts, runs under.
 */
export async function startSshd(
  more: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
  within: readonly string[] = [],
): Promise<Sshd> {
  const at = temporary("sshd");
  const [host, key] = [makeKey(join(at.path, "host")), makeKey(join(at.path, "user"))];
  const folder = join(at.path, "there");
  for (const path of [folder, join(at.path, "home")]) mkdirSync(path);
  writeFileSync(join(at.path, "authorized"), `${key.publicKey}\n`);
  const [port = 0] = await freePorts(1);
  const variables = Object.entries({ HOME: join(at.path, "home"), ...environment });
  // What the user's own shell does at its start must not be seen. Of several such lines sshd takes the first.
  const set = `SetEnv ${variables.map(([name, value]) => `"${name}=${value}"`).join(" ")}`;
  writeFileSync(join(at.path, "config"), [...configOf(at.path, port), set, ...more, ""].join("\n"));
  // Where sshd as root drops its rights; the system's own service makes it at boot.
  if (process.getuid?.() === 0 && !existsSync("/run/sshd")) mkdirSync("/run/sshd", { mode: 0o755 });
  const [first = program, ...words] = [...within, program, "-D", "-e", "-f", join(at.path, "config")];
  const child = spawn(first, words, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (part: string) => (said += part));
  const pid = child.pid ?? 0;
  const endSessions = (): void => {
    for (const one of descendantsOf(pid)) kill(one);
  };
  const signalAll = (signal: NodeJS.Signals): void => {
    // A session may end while the others are told.
    for (const one of [pid, ...descendantsOf(pid)]) kill(one, signal);
  };
  const stop = (): void => {
    endSessions();
    kill(pid);
  };
  process.once("exit", stop);
  await until("sshd listens", () => listens(port), 10_000).catch((cause) => {
    stop();
    throw new Error(`sshd does not start: ${said}`, { cause });
  });
  return {
    ...{ port, user: userInfo().username, hostKey: host.publicKey, key, folder, endSessions },
    freeze: () => {
      // First whoever would make more of them.
      kill(pid, "SIGSTOP");
      awaitFrozen(pid);
      signalAll("SIGSTOP");
    },
    thaw: () => signalAll("SIGCONT"),
    async [Symbol.asyncDispose]() {
      process.off("exit", stop);
      stop();
      await until("sshd is gone", () => child.exitCode !== null || child.signalCode !== null);
      at[Symbol.dispose]();
    },
  };
}

const configOf = (folder: string, port: number): readonly string[] => [
  `Port ${port}`,
  "ListenAddress 127.0.0.1",
  `HostKey ${join(folder, "host")}`,
  `PidFile ${join(folder, "pid")}`,
  `AuthorizedKeysFile ${join(folder, "authorized")}`,
  "StrictModes no",
  "UsePAM no",
  "PermitRootLogin yes",
  "MaxStartups 100",
  "MaxSessions 100",
  "Subsystem sftp internal-sftp",
  "PermitUserRC no",
];

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(true)).on("error", () => resolve(false));
    socket.once("data", () => socket.destroy());
  });
}

function kill(pid: number, signal: NodeJS.Signals = "SIGKILL"): void {
  try {
    process.kill(pid, signal);
  } catch {}
}
