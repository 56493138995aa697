// The warm connection to natsby-helper in the container that holds a stack's files: a request a line, an answer a line, in any order.
// All that is held over it is freed when it ends, also because this process was killed.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { UserError } from "../../core/errors.ts";
import { argvOf, dockerEnvironment, type Engine, unreachable } from "./engine.ts";

/** What went wrong there, by errno's name. */
export class HelperError extends Error {
  override readonly name = "HelperError";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** The engine answers, and has no such container: before the first `pulumi up` nothing of the stack is there. */
class NoKeeper extends UserError {}

/** What is read where there is nothing yet. */
export const orNothing = <T>(nothing: T, read: Promise<T>): Promise<T> =>
  read.catch((error: unknown) => {
    if (error instanceof NoKeeper) return nothing;
    throw error;
  });

interface Answer {
  readonly id: number;
  readonly result: unknown;
  readonly error?: { readonly code: string; readonly message: string };
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Starting a program in a container takes a tenth of a second, by ssh one or two. */
const askMs = 15_000;

/** Connects when it is first asked something, and again when it is asked after it was lost. */
export class Helper implements AsyncDisposable {
  readonly #engine: Engine;
  readonly #container: string;
  readonly #waiting = new Map<number, Waiting>();
  #child: Promise<ChildProcessWithoutNullStreams> | undefined;
  #stderr = "";
  #last = 0;

  constructor(engine: Engine, container: string) {
    this.#engine = engine;
    this.#container = container;
  }

  /** @throws HelperError where it was refused there; UserError code "host-unreachable" where no answer came */
  async ask<T>(what: string, request: Readonly<Record<string, unknown>>, withinMs = askMs): Promise<T> {
    const id = ++this.#last;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { resolve, reject });
    const timer = setTimeout(() => {
      reject(unreachable(this.#engine, `gave up after ${withinMs / 1000} s waiting until it has done: ${what}`));
    }, withinMs);
    const line = `${JSON.stringify({ id, do: what, ...request })}\n`;
    this.#connected().then((child) => child.stdin.write(line), reject);
    try {
      return (await promise) as T;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const child = await this.#child?.catch(() => undefined);
    if (child === undefined || child.exitCode !== null) return;
    const ended = Promise.withResolvers<void>();
    child.once("close", () => ended.resolve());
    child.stdin.end();
    const timer = setTimeout(() => child.kill("SIGKILL"), 2_000);
    await ended.promise;
    clearTimeout(timer);
  }

  #connected(): Promise<ChildProcessWithoutNullStreams> {
    this.#child ??= this.#connect().catch((error: unknown) => {
      this.#child = undefined;
      throw error;
    });
    return this.#child;
  }

  async #connect(): Promise<ChildProcessWithoutNullStreams> {
    const words = ["exec", "--interactive", this.#container, "/natsby-helper", "serve"];
    const [program, ...args] = await argvOf(this.#engine, words);
    const child = spawn(program, args, { env: dockerEnvironment(), stdio: "pipe" });
    this.#stderr = "";
    child.stdin.on("error", () => undefined);
    child.stderr.setEncoding("utf8").on("data", (text: string) => (this.#stderr += text));
    createInterface(child.stdout).on("line", (line) => this.#settle(JSON.parse(line) as Answer));
    let isLost = false;
    const lose = (cause?: Error): void => {
      if (!isLost) this.#lose(cause);
      isLost = true;
    };
    child.once("error", lose).once("close", () => lose());
    return child;
  }

  #settle({ id, result, error }: Answer): void {
    const waiting = this.#waiting.get(id);
    if (error === undefined) waiting?.resolve(result ?? null);
    else waiting?.reject(new HelperError(error.code, error.message));
  }

  #lose(cause?: Error): void {
    this.#child = undefined;
    const why = cause?.message ?? (this.#stderr.trim() || "the connection was lost");
    const error = unreachable(this.#engine, why, cause);
    const told = /No such container/i.test(why) ? new NoKeeper(error.message, { code: "host-unreachable" }) : error;
    for (const { reject } of this.#waiting.values()) reject(told);
    this.#waiting.clear();
  }
}
