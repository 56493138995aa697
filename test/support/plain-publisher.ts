// A publisher without any library: publishes numbered JSON over a raw socket. Arguments: port, user, password, publisher, messages a second, subject.

import { connect } from "node:net";

const [port, user, pass, publisher, rate = "50", subject = "test"] = process.argv.slice(2);
const socket = connect(Number(port), "127.0.0.1");
socket.write(`CONNECT ${JSON.stringify({ verbose: false, pedantic: false, user, pass })}\r\n`);
socket.setEncoding("utf8").on("data", (text: string) => {
  if (text.includes("PING")) socket.write("PONG\r\n");
});
socket.on("error", () => process.exit(1)).on("close", () => process.exit(1));

let last = 0;
if (Number(rate) > 0) setInterval(publishDue, Math.max(1, 500 / Number(rate)));

/** The number is a function of the time, as the reference publisher's: all publishers give one moment the same number. */
function publishDue(): void {
  const due = Math.floor((Date.now() * Number(rate)) / 1_000);
  for (let seq = Math.max(last + 1, due - 100); seq <= due; seq++) {
    const payload = JSON.stringify({ publisher, seq, at: new Date().toISOString() });
    socket.write(`PUB ${subject} ${Buffer.byteLength(payload)}\r\n${payload}\r\n`);
  }
  last = due;
}
