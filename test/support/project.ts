// A checkout of this project for end-to-end tests: the working tree as it stands, with a git of its own and a `.natsby` of
// its own, in a folder whose name has a space. It shares node_modules and natsby's cache, and is driven as a user would:
// by the real CLI, from a fresh shell. Nothing of it is left when the test's scope ends.

import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseDocument } from "yaml";
import type { StatusJson } from "../../infra/core/status.ts";
import type { RunningProcess } from "../../infra/hosts/host.ts";
import { findProcesses } from "../../infra/hosts/processes.ts";
import { cacheDir, onPath } from "../../scripts/toolchain/paths.ts";
import { withoutNatsby } from "../../scripts/toolchain/shell-environment.ts";
import { endsWith, type Ran, type Running, type RunOptions, startProgram } from "./bounded-run.ts";
import { endProcessesIn } from "./processes-in.ts";
import { Witness } from "./witness.ts";
import { cloneWorkingTree, copyWorkingTree, newFolder } from "./working-tree.ts";

/** What checkout to make. */
export interface ProjectOptions {
  /** Name of its folder. @default "a clone" */
  readonly name?: string;
  /** Folder to make it below. @default the system's for temporary files */
  readonly below?: string;
  /** Keys of its config, before anything is started. @default none: natsby's own defaults */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Variables that the user set. @default none */
  readonly env?: Readonly<Record<string, string>>;
}

/** What a command is given: the fresh shell's variables hold unless `env` names others. */
export interface CommandOptions extends RunOptions {
  /** @default the checkout */
  readonly cwd?: string;
}

/** Makes one; starts nothing. */
export function makeProject(options: ProjectOptions = {}): Project {
  const project = new Project(join(newFolder(options.below), options.name ?? "a clone"), options.env);
  copyWorkingTree(project.path);
  if (options.config !== undefined) project.configure(options.config);
  return project;
}

/** What `cp -r` makes of one, with its `.natsby` and its stack's file. */
export function copyOf({ path }: Project): Project {
  const copy = new Project(join(newFolder(), "a copy"));
  cpSync(path, copy.path, { recursive: true, verbatimSymlinks: true });
  return copy;
}

/** What `git clone` makes of one: what was committed, and nothing else. It is run with the same variables. */
export function cloneOf({ path, env }: Project): Project {
  const clone = new Project(join(newFolder(), "another clone"), env);
  cloneWorkingTree(path, clone.path);
  return clone;
}

/** On a busy machine a look takes its time: what is done when a bound is over is tested elsewhere. */
export const patient = { timeouts: { observe: 15_000, connect: 10_000, request: 10_000 } } as const;

/** The reference publishers at this many messages a second: what the config's `publishers` then is. */
export const publishersAt = (rate: number, count = 2): readonly object[] =>
  Array.from({ length: count }, (_, n) => ({ name: `publisher${n}`, rate }));

/** A checkout. */
export class Project implements AsyncDisposable {
  readonly path: string;
  /** A fresh shell's: nothing of npm, Pulumi or natsby but natsby's cache; PATH as the user has it. */
  readonly env: Readonly<Record<string, string>>;
  #tools: Promise<Readonly<Record<string, string>>> | undefined;

  constructor(path: string, env: Readonly<Record<string, string>> = {}) {
    [this.path, this.env] = [path, { ...freshShell(path), ...env }];
  }

  get dataDir(): string {
    return join(this.path, ".natsby/local");
  }

  get stackFile(): string {
    return join(this.path, "stacks/Pulumi.local.yaml");
  }

  /** Starts a program in the checkout, from the fresh shell. */
  start(argv: readonly string[], options: CommandOptions = {}): Running {
    return startProgram(argv, { cwd: this.path, ...options, env: { ...this.env, ...options.env } });
  }

  /** Runs a program to its end, whatever that is. */
  run(argv: readonly string[], options?: CommandOptions): Promise<Ran> {
    return this.start(argv, options).ended;
  }

  /** Runs lines of a shell as they are typed: `bash`, `sh`. It stops at the first that fails. */
  shell(lines: readonly string[], shell = "bash", options?: CommandOptions): Promise<Ran> {
    return this.run([shell, "-e", "-c", lines.join("\n")], options);
  }

  /** Starts natsby as npm and npx do: by PATH's Node, however old. */
  startNatsby(words: readonly string[], options?: CommandOptions): Running {
    return this.start(["node", join(this.path, "scripts/bootstrap.mjs"), ...words], options);
  }

  /** Runs natsby to its end, whatever that is. */
  natsby(words: readonly string[], options?: CommandOptions): Promise<Ran> {
    return this.startNatsby(words, options).ended;
  }

  /** The variables of `natsby env`; asked for once. */
  tools(): Promise<Readonly<Record<string, string>>> {
    this.#tools ??= endsWith(0, this.natsby(["env", "--json"])).then(({ stdout }) => JSON.parse(stdout).environment);
    return this.#tools;
  }

  /** Starts Pulumi's CLI as after `eval "$(npx natsby env)"`. */
  async startPulumi(words: readonly string[], options: CommandOptions = {}): Promise<Running> {
    const env = { ...(await this.tools()), ...options.env };
    return this.start(["pulumi", ...words, "--non-interactive", "--color=never"], { ...options, env });
  }

  /** Runs Pulumi's CLI to its end, whatever that is. */
  async pulumi(words: readonly string[], options?: CommandOptions): Promise<Ran> {
    return (await this.startPulumi(words, options)).ended;
  }

  /** Runs `pulumi up` to its end, whatever that is. */
  up(...words: readonly string[]): Promise<Ran> {
    return this.pulumi(["up", "--yes", "--skip-preview", ...words]);
  }

  /** The stack made and brought up: `natsby start` without its looks and its listening. */
  async bringUp(): Promise<void> {
    await endsWith(0, this.natsby(["init", "local"]));
    await endsWith(0, this.up());
  }

  /** The flip, and a `pulumi up` that ends well. */
  async flipTo(activePublisher: string): Promise<Ran> {
    this.configure({ activePublisher });
    return endsWith(0, this.up());
  }

  /** Sets keys of the stack's config in its file, as an editor would; undefined takes one away. */
  configure(values: Readonly<Record<string, unknown>>): void {
    const file = parseDocument(readIfThere(this.stackFile));
    for (const [key, value] of Object.entries(values)) {
      const path = ["config", `${this.name}:${key}`];
      if (value === undefined) file.deleteIn(path);
      else file.setIn(path, file.createNode(value));
    }
    writeFileSync(this.stackFile, file.toString({ lineWidth: 0 }));
  }

  /** The project's name, which is the config's namespace. */
  get name(): string {
    return /^name: (.+)$/m.exec(readFileSync(join(this.path, "Pulumi.yaml"), "utf8"))?.[1] ?? "";
  }

  /** `natsby status --json --credentials`, whatever its exit code. */
  async status(): Promise<StatusJson> {
    const ran = await this.natsby(["status", "--json", "--credentials"]);
    try {
      return JSON.parse(ran.stdout);
    } catch (cause) {
      throw new Error(`natsby status: exit ${ran.code}\n${ran.output}`, { cause });
    }
  }

  /** A raw subscriber at every upstream that status names. */
  async witness(status?: StatusJson): Promise<Witness> {
    const { upstreams, subscriber } = status ?? (await this.status());
    if (subscriber === undefined) throw new Error("natsby status --credentials names no subscriber");
    return Witness.at(upstreams.map(({ name, clientUrl }) => ({ name, url: clientUrl, ...subscriber })));
  }

  /** The processes of its stack, by the names of servers and publishers. */
  processes(): ReadonlyMap<string, RunningProcess> {
    const found = [...findProcesses(this.dataDir)];
    return new Map(found.flatMap(([name, [process]]) => (process === undefined ? [] : [[name, process] as const])));
  }

  /** Ends everything by pid: quicker than `pulumi destroy`, and it works in every state that a test can leave. */
  async [Symbol.asyncDispose](): Promise<void> {
    await endProcessesIn(this.path);
    rmSync(dirname(this.path), { recursive: true, force: true, maxRetries: 3 });
    releasePorts(this.path);
  }
}

function freshShell(path: string): Record<string, string> {
  const kept = Object.entries(withoutNatsby(process.env)).filter(([name]) => !/^(PULUMI|NATSBY|npm|NODE)_/i.test(name));
  // A Pulumi of the user's own may be logged in elsewhere: a test's stacks are never made there.
  const own = onPath("pulumi", Object.fromEntries(kept)).length > 0;
  return {
    ...(Object.fromEntries(kept) as Record<string, string>),
    NATSBY_CACHE: cacheDir(),
    ...(own ? { PULUMI_BACKEND_URL: `file://${path}/.natsby/state` } : {}),
  };
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** A block of ports stays reserved for its folder for a while: this one's is not coming back. */
function releasePorts(path: string): void {
  const folder = join(cacheDir(), "ports");
  if (!existsSync(folder)) return;
  for (const block of readdirSync(folder, { withFileTypes: true })) {
    const file = join(folder, block.name);
    if (readIfThere(file).startsWith(`${path}/`)) rmSync(file, { force: true });
  }
}
