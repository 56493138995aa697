// A Docker engine, by the `docker` command: it speaks unix:// and ssh://, every version of the engine, and nothing of it is natsby's to
// keep. One call is one process; what must be quick goes over the connection of natsby-helper instead.

import { UserError } from "../../core/errors.ts";
import type { Finished } from "../host.ts";
import { runProgram } from "../run-program.ts";

/** Where it is. */
export interface Engine {
  /** Name in `hosts` of the config. */
  readonly name: string;
  /** As DOCKER_HOST wants it: `unix://…` or `ssh://…`. */
  readonly url: string;
  /** Where it is reached from here, once there is a way. @default its url */
  readonly reachedAt?: () => Promise<string>;
}

const lost =
  /Cannot connect to the Docker daemon|error during connect|failed to connect to the docker|connection refused|no such host|Connection (closed|reset|timed out)|Broken pipe/i;
const defaultMs = 20_000;

/** What a call of `docker` may need besides its words. */
export interface CallOptions {
  /** @default 20 s */
  readonly withinMs?: number;
  /** Values that must not stand in a command line: `--env NAME` takes them from here. @default none */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs `docker` to its end. @throws UserError code "host-unreachable" */
export async function callDocker(
  engine: Engine,
  words: readonly string[],
  options: CallOptions = {},
): Promise<Finished> {
  const { withinMs = defaultMs, environment = {} } = options;
  const env = { ...dockerEnvironment(), ...environment };
  const ended = await runProgram(await argvOf(engine, words), { withinMs, environment: env });
  if (ended.timedOut) throw unreachable(engine, `it did not answer within ${withinMs / 1000} s`);
  if (ended.code !== 0 && lost.test(ended.stderr)) throw unreachable(engine, ended.stderr.trim());
  return ended;
}

/** What it printed. @throws where it failed, with what the engine said */
export async function askDocker(engine: Engine, words: readonly string[], options: CallOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await callDocker(engine, words, options);
  if (code !== 0) throw new Error(`${engine.name}: docker ${words[0]}: ${stderr.trim()}`);
  return stdout.trimEnd();
}

/** The whole command line. */
export async function argvOf(
  { url, reachedAt }: Engine,
  words: readonly string[],
): Promise<readonly [string, ...string[]]> {
  return ["docker", "--host", (await reachedAt?.()) ?? url, ...words];
}

/** Nothing of Pulumi's: it holds the passphrase. And no context of the user's, which would beat `--host`. */
export const dockerEnvironment = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => !/^(PULUMI_|NATSBY_|DOCKER_(HOST|CONTEXT)$)/.test(entry[0]),
    ),
  );

/** Nothing is known of what runs on it. */
export function unreachable({ name, url }: Pick<Engine, "name" | "url">, why: string, cause?: unknown): UserError {
  return new UserError(`host ${name} (${url}) cannot be reached: ${why}`, {
    code: "host-unreachable",
    hint: `docker --host ${url} version`,
    cause,
  });
}
