// What this stand-in leaves out, and how to get the real one.

import { type ServerUnaryCall, type ServerWritableStream, type sendUnaryData, status } from "@grpc/grpc-js";

/** Answers a method of the real language host that this one does not have. */
export function refusal(path: string, responseStream: boolean) {
  const details =
    `${path} is left out of natsby's STAND-IN for Pulumi's language host, which runs programs and nothing else. ` +
    "To get the real one: https://www.pulumi.com/docs/install, then put its pulumi first on PATH.";
  const error = { code: status.UNIMPLEMENTED, details };
  return responseStream
    ? (call: ServerWritableStream<unknown, unknown>) => call.emit("error", error)
    : (_: ServerUnaryCall<unknown, unknown>, reply: sendUnaryData<unknown>) => reply(error);
}
