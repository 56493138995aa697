// Asks a nats-server's HTTP monitoring, on this machine or through a tunnel. One connection a server, bounded, never a write.

import { Agent, get, type IncomingMessage } from "node:http";

/** What came of a question. `refused`: nobody listens there. `silent`: no answer in time. `odd`: an answer no nats-server gives. */
export type Answer =
  | { readonly state: "answered"; readonly data: unknown }
  | { readonly state: "refused" | "silent" | "odd"; readonly reason: string };

/** More than any nats-server of a stack answers; a stranger may send without end. */
const maxBytes = 16 * 1024 * 1024;

/** Where a monitoring port is reached from here. */
export interface Place {
  readonly address: string;
  readonly port: number;
}

/** Monitoring ports, asked over one connection each. */
export class Monitors implements Disposable {
  /** One socket a server: the same process answers all questions. */
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #signal: AbortSignal;
  readonly #withinMs: number;

  /** All questions together end after `withinMs`. */
  constructor(withinMs: number) {
    this.#withinMs = withinMs;
    this.#signal = AbortSignal.timeout(withinMs);
  }

  /** Asks the server whose monitoring listens on `port` of its host. @param at where that is reached. @default here. Never rejects. */
  async ask(port: number, path: string, at: Place = { address: "127.0.0.1", port }): Promise<Answer> {
    try {
      const response = await this.#get(at, path);
      const text = await bodyOf(response);
      if (response.statusCode !== 200) return odd(`it answers ${path} with HTTP ${response.statusCode}`);
      return { state: "answered", data: JSON.parse(text) };
    } catch (error) {
      return this.#failed(error, port, path, at.port !== port);
    }
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  #get({ address, port }: Place, path: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      get({ host: address, port, path, agent: this.#agent, signal: this.#signal }, resolve).once("error", reject);
    });
  }

  #failed(error: unknown, port: number, path: string, isTunnel: boolean): Answer {
    const { code = "", message } = error as NodeJS.ErrnoException;
    if (this.#signal.aborted) {
      return {
        state: "silent",
        reason: `gave up after ${this.#withinMs / 1_000} s waiting for ${path} of port ${port}`,
      };
    }
    // A tunnel takes a connection before it knows that nobody listens at its end.
    if (code === "ECONNREFUSED" || (isTunnel && code === "ECONNRESET"))
      return { state: "refused", reason: `nobody listens on 127.0.0.1:${port}` };
    if (code.startsWith("HPE_") || error instanceof SyntaxError)
      return odd(`it does not answer ${path} as HTTP with JSON`);
    return { state: "silent", reason: `${path} of port ${port}: ${message}` };
  }
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) {
    text += chunk;
    if (text.length > maxBytes) throw new SyntaxError("the answer does not end");
  }
  return text;
}

const odd = (reason: string): Answer => ({ state: "odd", reason });
