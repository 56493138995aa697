// One host's warm connection and the shell on it. Connects when something is first asked, and anew where the connection was lost.

import type { ClientChannel } from "ssh2";
import { UserError } from "../../core/errors.ts";
import { type Connection, connect, defaultMs, type SshBounds } from "./connection.ts";
import type { JumpHosts } from "./jump-hosts.ts";
import { word } from "./quote.ts";
import { type Answer, RemoteShell } from "./shell.ts";
import { failedConnection, type SshTarget, unreachable } from "./target.ts";

/** How a session is made. */
export interface SessionOptions extends SshBounds {
  /** Become root there by `sudo -n`. @default true unless the user is root */
  readonly sudo?: boolean;
  /** Those that other hosts go through as well. @default its own */
  readonly jumps?: JumpHosts;
}

/** sshd allows ten at a time on one connection, and the shell is one. */
const mostChannels = 8;

interface Open {
  readonly connection: Connection;
  readonly shell: RemoteShell;
}

/** Times as long as the try took: whoever is refused at once may try again soon. */
const triesAgainAfter = 5;

/** What the driver's parts ask for. */
export class Session {
  readonly target: SshTarget;
  readonly #options: SessionOptions;
  readonly #shellCommand: readonly string[];
  #open: Promise<Open> | undefined;
  /** Why it could not be reached, and until when nobody tries again: each try takes its whole bound. */
  #away: { readonly error: unknown; readonly until: number } | undefined;
  #closed = false;
  #channels = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(target: SshTarget, options: SessionOptions) {
    this.target = target;
    this.#options = options;
    this.#shellCommand = (options.sudo ?? target.user !== "root") ? ["exec", "sudo", "-n", "sh"] : ["exec", "sh"];
  }

  /** Runs a script in the warm shell, after those asked before. @throws UserError where no answer comes. */
  async script(text: string, what: string, withinMs: number = this.#options.answerMs ?? defaultMs): Promise<Answer> {
    const { connection, shell } = await this.open();
    const answer = shell.run(text);
    return this.bounded(answer, `waiting until it ${what}`, withinMs, () => this.#giveUp(connection));
  }

  /** A channel of its own on which a shell reads a script, or runs one. @throws UserError where it cannot be had. */
  async channel(script?: string): Promise<ClientChannel> {
    const { connection } = await this.open();
    await this.#takeChannel();
    try {
      const command = [...this.#shellCommand, ...(script === undefined ? [] : ["-c", word(script)])].join(" ");
      const opening = connection.exec(command);
      const withinMs = this.#options.answerMs ?? defaultMs;
      const channel = await this.bounded(opening, "waiting for a channel", withinMs, () => this.#giveUp(connection));
      return channel.once("close", () => this.#giveChannelBack());
    } catch (error) {
      this.#giveChannelBack();
      throw failedConnection(this.target, error);
    }
  }

  /** A connection from there to one of its ports. Rejects where nobody listens. */
  async forward(address: string, port: number): Promise<ClientChannel> {
    const { connection } = await this.open();
    return connection.forward(address, port);
  }

  /** The connection, made where there is none. */
  open(): Promise<Open> {
    if (this.#closed) return Promise.reject(unreachable(this.target, "natsby has closed the connection"));
    if (this.#open !== undefined) return this.#open;
    if (this.#away !== undefined && performance.now() < this.#away.until) return Promise.reject(this.#away.error);
    const started = performance.now();
    const opening = this.#connect();
    this.#open = opening;
    const forget = (): void => {
      if (this.#open === opening) this.#open = undefined;
    };
    opening.then(
      ({ connection }) => connection.closed.then(forget),
      (error: unknown) => {
        forget();
        this.#away = { error, until: performance.now() + triesAgainAfter * (performance.now() - started) };
      },
    );
    return opening;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const open = await this.#open?.catch(() => undefined);
    open?.connection.close();
  }

  /** Ends a wait: what was asked may have been done or not, so whatever waits on this connection is told the same. */
  async bounded<T>(wait: Promise<T>, what: string, withinMs: number, giveUp: () => void): Promise<T> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      late.reject(unreachable(this.target, `gave up after ${withinMs / 1000} s (timeouts.host) ${what}`));
      giveUp();
    }, withinMs);
    return Promise.race([wait, late.promise]).finally(() => clearTimeout(timer));
  }

  async #connect(): Promise<Open> {
    const withinMs = this.#options.connectMs ?? defaultMs;
    const connection = await connect(this.target, withinMs, this.#options.jumps);
    try {
      const opening = connection.exec(this.#shellCommand.join(" "));
      const channel = await this.bounded(opening, "waiting for a shell", withinMs, () => connection.close());
      return { connection, shell: new RemoteShell(channel, (said) => this.#lost(connection, said)) };
    } catch (error) {
      connection.close();
      throw failedConnection(this.target, error);
    }
  }

  /** What is asked next finds no connection that is just closing. */
  #giveUp(connection: Connection): void {
    this.#open = undefined;
    connection.close();
  }

  #lost(connection: Connection, said: string): UserError {
    connection.close();
    if (!/sudo|not available/i.test(said)) return unreachable(this.target, "the connection was lost");
    const { name, user } = this.target;
    return new UserError(`host ${name}: ${user} may not become root there: ${said}`, {
      code: "host-sudo",
      hint: `put into /etc/sudoers.d/natsby there: ${user} ALL=(root) NOPASSWD: /bin/sh, /usr/bin/sh`,
    });
  }

  async #takeChannel(): Promise<void> {
    if (this.#channels >= mostChannels) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#channels += 1;
  }

  #giveChannelBack(): void {
    this.#channels -= 1;
    this.#waiting.shift()?.();
  }
}
