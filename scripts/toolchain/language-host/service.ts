// The methods of the language host that the CLI really calls. Everything else is refused as left out.

import type { ServerUnaryCall, sendUnaryData, UntypedServiceImplementation } from "@grpc/grpc-js";
import languageRuntime from "@pulumi/pulumi/proto/language_grpc_pb.js";
import languagePb from "@pulumi/pulumi/proto/language_pb.js";
import pluginPb from "@pulumi/pulumi/proto/plugin_pb.js";
import emptyPb from "google-protobuf/google/protobuf/empty_pb.js";
import { pulumiVersion } from "../paths.ts";
import { dependenciesOf, installDependencies } from "./dependencies.ts";
import { endPrograms, runProgram } from "./program.ts";
import { refusal } from "./stand-in.ts";

/** All methods of Pulumi's LanguageRuntime, for the engine at this address. */
export function service(engine: string): UntypedServiceImplementation {
  return {
    ...refusals(),
    getPluginInfo: unary(() => new pluginPb.PluginInfo().setVersion(pulumiVersion)),
    // Plugins are found when a resource asks for one: nothing here could fetch them beforehand.
    getRequiredPackages: unary(() => new languagePb.GetRequiredPackagesResponse()),
    getRequiredPlugins: unary(() => new languagePb.GetRequiredPluginsResponse()),
    about: unary(() => new languagePb.AboutResponse().setExecutable(process.execPath).setVersion(process.version)),
    getProgramDependencies: unary(dependenciesOf),
    installDependencies,
    run: unary((request: InstanceType<typeof languagePb.RunRequest>) => runProgram(request, engine)),
    cancel: unary(() => {
      endPrograms("SIGTERM");
      return new emptyPb.Empty();
    }),
  };
}

function refusals(): UntypedServiceImplementation {
  const methods = Object.entries(languageRuntime.LanguageRuntimeService);
  return Object.fromEntries(methods.map(([name, { path, responseStream }]) => [name, refusal(path, responseStream)]));
}

/** A method with one request and one answer, which may take its time. */
function unary<Request, Response>(answer: (request: Request) => Response | Promise<Response>) {
  return (call: ServerUnaryCall<Request, Response>, reply: sendUnaryData<Response>): void => {
    (async () => answer(call.request))().then((response) => reply(null, response), reply);
  };
}
