// A warm connection to one very server as its system-account user: asks it and has it reload. Never goes through another server.

import { UserError } from "../core/errors.ts";
import { connectNats, type NatsConnection, natsProblem } from "./nats.ts";

/** What can be asked of a server. */
export type Question = "VARZ" | "ROUTEZ" | "LEAFZ" | "CONNZ";

/** What the server says of itself in every reply. */
export interface Replier {
  readonly id: string;
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
}

interface Reply {
  readonly server?: { readonly id?: string; readonly name?: string; readonly metadata?: Record<string, string> };
  readonly data?: unknown;
  readonly error?: { readonly code?: number; readonly description?: string };
}

/** Where a server is and how natsby signs in there. */
export interface ServerAddress {
  readonly name: string;
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

/** One server, asked on a connection of its own. */
export class ServerConnection implements AsyncDisposable {
  readonly name: string;
  /** Its `server_id`: a new one after every restart. */
  readonly id: string;
  readonly #nats: NatsConnection;
  readonly #requestMs: number;

  private constructor(name: string, nats: NatsConnection, requestMs: number) {
    this.name = name;
    this.id = nats.info?.server_id ?? "";
    this.#nats = nats;
    this.#requestMs = requestMs;
  }

  /** Connects. @throws UserError where another server answers there; whatever `nats` throws where nobody does. */
  static async open(server: ServerAddress, bounds: { connect: number; request: number }): Promise<ServerConnection> {
    const { name, url, user, password } = server;
    const nats = await connectNats({ url, user, password, name: "natsby", timeoutMs: bounds.connect });
    const found = nats.info?.server_name;
    if (found === name) return new ServerConnection(name, nats, bounds.request);
    await nats.close();
    throw new UserError(`${url} is ${found ?? "a server without a name"}, not ${name}`, {
      code: "foreign-server",
      hint: `stop what listens there, or give ${name} another port`,
    });
  }

  /** The answer's data, as on the monitoring port. @throws UserError in the server's own words. */
  async ask(question: Question, options: object = {}): Promise<unknown> {
    return (await this.#request(question, options)).data;
  }

  /** Re-reads its config: answers when it is applied, with the metadata then in force. @throws UserError in the server's own words. */
  async reload(): Promise<Replier> {
    const { server } = await this.#request("RELOAD", {});
    return { id: this.id, name: this.name, metadata: server?.metadata ?? {} };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#nats.close();
  }

  async #request(what: Question | "RELOAD", options: object): Promise<Reply> {
    const reply = await this.#exchange(what, options);
    if (reply.server?.id !== this.id) {
      throw new UserError(`${this.name} was asked, ${reply.server?.name ?? "somebody else"} answered`, {
        code: "foreign-reply",
      });
    }
    if (reply.error !== undefined) {
      const words = reply.error.description ?? `error ${reply.error.code}`;
      throw new UserError(`${this.name} refused ${what}: ${words}`, { code: "server-refused" });
    }
    return reply;
  }

  async #exchange(what: string, options: object): Promise<Reply> {
    const subject = `$SYS.REQ.SERVER.${this.id}.${what}`;
    try {
      const message = await this.#nats.request(subject, JSON.stringify(options), { timeout: this.#requestMs });
      return message.json<Reply>();
    } catch (cause) {
      const waited = `gave up after ${this.#requestMs / 1000} s`;
      throw new UserError(`${this.name} did not answer ${what}: ${natsProblem(cause)} (${waited})`, {
        code: "no-answer",
        cause,
      });
    }
  }
}
