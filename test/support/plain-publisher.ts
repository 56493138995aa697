// A publisher without any library: publishes numbered JSON over a raw socket, connecting again for ever. Arguments: address and port, user, password, publisher, messages a second, subject.

import { connect } from "node:net";

const [place = "", user, pass, publisher, rate = "50", subject = "test"] = process.argv.slice(2);
const [address, port] = place.split(":");
const againMs = 50;

let socket = open();
let last = 0;
if (Number(rate) > 0) setInterval(publishDue, Math.max(1, 500 / Number(rate)));

function open() {
  const opened = connect(Number(port), address);
  opened.write(`CONNECT ${JSON.stringify({ verbose: false, pedantic: false, user, pass })}\r\n`);
  opened.setEncoding("utf8").on("data", (text: string) => {
    if (text.includes("PING")) opened.write("PONG\r\n");
  });
  const again = () => {
    socket = open();
  };
  return opened.on("error", () => {}).once("close", () => setTimeout(again, againMs));
}

/** The number is a function of the time, as the reference publisher's: all publishers give one moment the same number. */
function publishDue(): void {
  const due = Math.floor((Date.now() * Number(rate)) / 1_000);
  for (let seq = Math.max(last + 1, due - 100); seq <= due && !socket.destroyed; seq++) {
    const payload = JSON.stringify({ publisher, seq, at: new Date().toISOString() });
    socket.write(`PUB ${subject} ${Buffer.byteLength(payload)}\r\n${payload}\r\n`);
  }
  last = due;
}
