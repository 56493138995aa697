// A throw-away Pulumi project of natsby's shape, run by the real CLI: what a run did is read from the engine's own events.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { look } from "../../scripts/toolchain/look.ts";
import { projectRoot } from "../../scripts/toolchain/paths.ts";
import { isTool } from "../../scripts/toolchain/tool.ts";
import { type Did, readEvents } from "./pulumi-events.ts";
import { type Temporary, temporary } from "./temporary.ts";

/** How a run of the CLI ended, and what it did. */
export interface Ran extends Did {
  readonly code: number | null;
  readonly output: string;
}

/** A run that has not ended yet. */
export interface Running {
  readonly cli: ChildProcess & { readonly pid: number };
  readonly ended: Promise<Ran>;
}

/** One resource of a stack, as `pulumi stack export` gives it. */
export interface StateOf {
  readonly id: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** The project. Its path has a space; its state and settings are its own; the CLI and plugins are the set-up's. */
export class PulumiTrial implements Disposable {
  readonly path: string;
  readonly env: NodeJS.ProcessEnv;
  readonly #pulumi: string;
  readonly #folder: Temporary;
  #runs = 0;

  constructor(program: string | URL) {
    const { pulumi, pulumiHome } = look();
    if (!isTool(pulumi)) throw new Error("there is no pulumi on this machine: type npm test, which brings it");
    this.#pulumi = pulumi.path;
    this.#folder = temporary("a trial");
    this.path = this.#folder.path;
    for (const part of ["scripts", "infra/core", "package.json"]) {
      cpSync(join(projectRoot, part), join(this.path, part), { recursive: true });
    }
    symlinkSync(join(projectRoot, "node_modules"), join(this.path, "node_modules"));
    mkdirSync(join(this.path, "state"));
    writeFileSync(join(this.path, "Pulumi.yaml"), pulumiYaml);
    this.write(program);
    this.env = {
      ...process.env,
      // Pulumi's own language host runs the program by PATH's node; the stand-in must not need that.
      PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
      PULUMI_HOME: pulumiHome,
      PULUMI_BACKEND_URL: `file://${join(this.path, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "trial",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      // Shows the option --event-log.
      PULUMI_DEBUG_COMMANDS: "true",
    };
    this.pulumi("stack", "init", "trial", "--no-select");
  }

  /** Writes the program: its text, or the file that is it. */
  write(program: string | URL): void {
    const to = join(this.path, "infra/index.ts");
    if (program instanceof URL) cpSync(program, to);
    else writeFileSync(to, program);
  }

  /** Runs a command that changes nothing; gives what it prints. */
  pulumi(...args: readonly string[]): string {
    const ran = spawnSync(this.#pulumi, args, { cwd: this.path, env: this.env, encoding: "utf8", timeout: 30_000 });
    if (ran.status !== 0) throw new Error(`pulumi ${args.join(" ")}: exit ${ran.status}\n${ran.stdout}${ran.stderr}`);
    return ran.stdout;
  }

  /** Runs `up`, `preview`, `refresh` or `destroy` to its end. */
  run(verb: string, ...args: readonly string[]): Promise<Ran> {
    return this.start(verb, ...args).ended;
  }

  /** Starts `up`, `preview`, `refresh` or `destroy`. */
  start(verb: string, ...args: readonly string[]): Running {
    const events = join(this.path, `events-${this.#runs++}.json`);
    const quick = verb === "preview" ? [] : ["--yes", "--skip-preview"];
    const argv = [verb, ...quick, "-s", "trial", "--non-interactive", "--color=never", "--event-log", events, ...args];
    const cli = spawn(this.#pulumi, argv, { cwd: this.path, env: this.env, stdio: ["ignore", "pipe", "pipe"] });
    const parts: string[] = [];
    for (const stream of [cli.stdout, cli.stderr]) stream.setEncoding("utf8").on("data", (part) => parts.push(part));
    const ended = once(cli, "close").then(([code]) => ({ code, output: parts.join(""), ...readEvents(events) }));
    return { cli: cli as Running["cli"], ended };
  }

  /** Every command resource in the state, by name. */
  state(): Readonly<Record<string, StateOf>> {
    const { deployment } = JSON.parse(this.pulumi("stack", "export", "-s", "trial"));
    const resources: (StateOf & { readonly urn: string })[] = deployment.resources ?? [];
    const named = resources.filter(({ urn }) => urn.includes("::command:"));
    // The state leaves out what is empty.
    return Object.fromEntries(named.map((one) => [one.urn.split("::").at(-1), { ...one, inputs: one.inputs ?? {} }]));
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}

const pulumiYaml = `name: trial
runtime: { name: nodejs, options: { typescript: false } }
main: infra/index.ts
`;
