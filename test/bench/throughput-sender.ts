// Publishes a number of equal messages as fast as the server takes them. Argument: JSON. Prints when it began.

import { once } from "node:events";
import { connect } from "node:net";
import { connectNats } from "../../infra/observe/nats.ts";

const { url, user, pass, subject, count, bytes, how } = JSON.parse(process.argv[2] ?? "{}");
const messagesAtOnce = 1_000;

if (how === "socket") await overSocket();
else await byLibrary();

/** As a publisher does it. */
async function byLibrary(): Promise<void> {
  const nats = await connectNats({ url, user, password: pass, name: "bench", timeoutMs: 5_000 });
  const payload = Buffer.alloc(bytes, "x");
  begin();
  let before = Promise.resolve();
  for (let sent = 0; sent < count; sent += messagesAtOnce) {
    for (let n = 0; n < messagesAtOnce; n++) nats.publish(subject, payload);
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
