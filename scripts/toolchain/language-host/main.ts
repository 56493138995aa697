// natsby's STAND-IN for `pulumi-language-nodejs`: runs Pulumi programs under this very Node. The last argument is the
// engine's address; the first line on stdout is the port it listens on. Generates no code and runs no plugins.

import { Server, ServerCredentials } from "@grpc/grpc-js";
import languageRuntime from "@pulumi/pulumi/proto/language_grpc_pb.js";
import { endPrograms } from "./program.ts";
import { service } from "./service.ts";

const engine = process.argv.at(-1) ?? "";

/** Pulumi asks to end by Cancel, then by SIGINT; it waits until nobody holds this process's stdout any more. */
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, end);

/** A CLI that was killed sends nothing: nothing of ours may outlive it. */
const parent = process.ppid;
setInterval(() => process.ppid === parent || end(), 500).unref();

const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
server.addService(languageRuntime.LanguageRuntimeService, service(engine));
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`${port}\n`);
});

function end(): void {
  endPrograms("SIGKILL");
  process.exit(0);
}
