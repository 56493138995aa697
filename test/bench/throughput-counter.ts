// Counts messages at one server, over a bare socket. Argument: JSON. Prints `ready`, then the time at which the last of each round came.

import { connect } from "node:net";

const { url, user, pass, subject, count, bytes } = JSON.parse(process.argv[2] ?? "{}");
const { hostname, port } = new URL(url);
const socket = connect(Number(port), hostname);
// All messages are equal, and so are their lengths on the wire: counting bytes costs nothing.
const whole = count * Buffer.byteLength(`MSG ${subject} 1 ${bytes}\r\n${"x".repeat(bytes)}\r\n`);
let isReady = false;
let taken = 0;

socket.write(
  `CONNECT ${JSON.stringify({ verbose: false, pedantic: false, user, pass })}\r\nSUB ${subject} 1\r\nPING\r\n`,
);
socket.on("data", (data) => {
  if (data.includes("PING\r\n")) socket.write("PONG\r\n");
  if (!isReady) {
    isReady = data.includes("PONG");
    if (isReady) process.stdout.write("ready\n");
    return;
  }
  taken += data.length;
  if (taken < whole) return;
  process.stdout.write(`${process.hrtime.bigint()}\n`);
  taken = 0;
});
process.stdin.resume().once("end", () => process.exit(0));
