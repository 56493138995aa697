// Publishes a number of equal messages as fast as the server takes them. Argument: JSON. Prints when it began.

import { once } from "node:events";
import { connect } from "node:net";
import { connectNats, headers } from "../../infra/observe/nats.ts";

const { url, user, pass, subject, count, bytes, how } = JSON.parse(process.argv[2] ?? "{}");
const messagesAtOnce = 1_000;
/** As long as the numbers of today. */
const firstSeq = 1_700_000_000_000;

if (how === "socket") await overSocket();
else await byLibrary();

/** As the reference publisher does it, or with the same bytes again and again. */
async function byLibrary(): Promise<void> {
  const nats = await connectNats({ url, user, password: pass, name: "bench", timeoutMs: 5_000 });
  const payload = Buffer.alloc(bytes, "x");
  const publish = (seq: number) => {
    if (how === "bytes") return nats.publish(subject, payload);
    const message = { publisher: user, seq, at: new Date().toISOString() };
    const found = headers();
    found.set("Nats-Msg-Id", `${subject}:${seq}`);
    return nats.publish(subject, JSON.stringify(message).padEnd(bytes), { headers: found });
  };
  begin();
  let before = Promise.resolve();
  for (let sent = 0; sent < count; sent += messagesAtOnce) {
    for (let n = 0; n < messagesAtOnce; n++) publish(firstSeq + sent + n);
    // Two batches are under way: the library would buffer without end.
    const flushed = nats.flush();
    await before;
    before = flushed;
  }
  await before;
  await nats.close();
}

/** As fast as the servers can: what is sent was put together before. */
async function overSocket(): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const message = `PUB ${subject} ${bytes}\r\n${"x".repeat(bytes)}\r\n`;
  const chunk = Buffer.from(message.repeat(messagesAtOnce));
  const ask = async (line: string) => {
    socket.write(`${line}PING\r\n`);
    for (let said = ""; !said.includes("PONG"); ) {
      const [data] = await once(socket, "data");
      said += data;
      if (said.includes("-ERR")) throw new Error(said);
    }
  };
  await ask(`CONNECT ${JSON.stringify({ verbose: false, pedantic: false, user, pass })}\r\n`);
  begin();
  for (let sent = 0; sent < count; sent += messagesAtOnce) {
    if (!socket.write(chunk)) await once(socket, "drain");
  }
  await ask("");
  socket.destroy();
}

function begin(): void {
  process.stdout.write(`${process.hrtime.bigint()}\n`);
}
