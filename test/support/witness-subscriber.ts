// A subscriber of the NATS protocol over a bare socket: no library that natsby uses could hide what it should have heard.

import { connect, type Socket } from "node:net";

/** Where to listen, and as whom. */
export interface SubscriberAddress {
  readonly name: string;
  /** `nats://address:port`. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** A queue group to be a member of. @default none: a subscriber of its own */
  readonly queue?: string;
}

const againMs = 50;
const lineEnd = Buffer.from("\r\n");

/** Listens to `>` at one server, and connects again for ever when that ends. */
export class RawSubscriber implements Disposable {
  readonly #address: SubscriberAddress;
  readonly #onMessage: (subject: string, payload: string) => void;
  readonly #pongs: (() => void)[] = [];
  #socket: Socket | null = null;
  #rest: Buffer = Buffer.alloc(0);
  #isReady = false;
  #isDisposed = false;
  /** How often it connected. */
  connections = 0;

  constructor(address: SubscriberAddress, onMessage: (subject: string, payload: string) => void) {
    [this.#address, this.#onMessage] = [address, onMessage];
    this.#open();
  }

  /** The server has the subscription. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Resolves when everything that the server sent before this call was taken in: true; false when it did not answer in time. */
  flush(withinMs: number): Promise<boolean> {
    if (!this.#isReady) return Promise.resolve(false);
    this.#socket?.write("PING\r\n");
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, withinMs, false);
      this.#pongs.push(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }

  #open(): void {
    const { url, user, password: pass, queue } = this.#address;
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    this.#socket = socket;
    const options = { verbose: false, pedantic: false, headers: false, name: "witness", user, pass };
    socket
      .setNoDelay(true)
      .write(`CONNECT ${JSON.stringify(options)}\r\nSUB > ${queue === undefined ? "" : `${queue} `}1\r\nPING\r\n`);
    this.#pongs.push(() => {
      this.#isReady = true;
      this.connections++;
    });
    socket.on("data", (chunk) => this.#take(chunk)).on("error", () => undefined);
    socket.once("close", () => this.#closed());
  }

  #closed(): void {
    this.#isReady = false;
    this.#rest = Buffer.alloc(0);
    this.#pongs.length = 0;
    if (!this.#isDisposed) setTimeout(() => this.#isDisposed || this.#open(), againMs);
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#socket?.destroy();
  }

  /** Takes in whole protocol lines, and keeps what is cut short for the next chunk. */
  #take(chunk: Buffer): void {
    const data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let from = 0;
    for (let end = data.indexOf(lineEnd, from); end >= 0; end = data.indexOf(lineEnd, from)) {
      const next = this.#takeLine(data, data.toString("latin1", from, end), end + 2);
      if (next === null) break;
      from = next;
    }
    this.#rest = data.subarray(from);
  }

  /** Where the next line begins; null when the payload is not whole yet. */
  #takeLine(data: Buffer, line: string, from: number): number | null {
    if (line === "PING") this.#socket?.write("PONG\r\n");
    else if (line === "PONG") this.#pongs.shift()?.();
    if (!line.startsWith("MSG ")) return from;
    const words = line.split(" ");
    const end = from + Number(words.at(-1));
    if (data.length < end + 2) return null;
    const subject = words[1] ?? "";
    // What a stream and its clients say to each other is no publisher's, nor is a stored message that it hands out.
    if (!/^(\$JS|_INBOX)\./.test(subject) && !words[3]?.startsWith("$JS.ACK."))
      this.#onMessage(subject, data.toString("utf8", from, end));
    return end + 2;
  }
}
