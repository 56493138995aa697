// The program's npm packages: what it has, for `pulumi about`; and their installation, for `pulumi install`.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type ServerWritableStream, status } from "@grpc/grpc-js";
import languagePb from "@pulumi/pulumi/proto/language_pb.js";

type DependenciesRequest = InstanceType<typeof languagePb.GetProgramDependenciesRequest>;
type DependenciesResponse = InstanceType<typeof languagePb.GetProgramDependenciesResponse>;
type InstallCall = ServerWritableStream<
  InstanceType<typeof languagePb.InstallDependenciesRequest>,
  InstanceType<typeof languagePb.InstallDependenciesResponse>
>;
type Manifest = Readonly<Record<"dependencies" | "devDependencies", Readonly<Record<string, string>> | undefined>>;

/** The packages that package.json asks for, each as it is installed. */
export function dependenciesOf(request: DependenciesRequest): DependenciesResponse {
  const folder = request.getInfo()?.getProgramDirectory() || request.getPwd();
  const path = manifestPath(folder);
  const manifest: Partial<Manifest> = path ? JSON.parse(readFileSync(path, "utf8")) : {};
  const asked = { ...manifest.dependencies, ...manifest.devDependencies };
  const list = Object.entries(asked).map(([name, range]) => {
    const version = path ? installedVersion(dirname(path), name) : undefined;
    return new languagePb.DependencyInfo().setName(name).setVersion(version ?? range);
  });
  return new languagePb.GetProgramDependenciesResponse().setDependenciesList(list);
}

function manifestPath(folder: string): string | undefined {
  const path = join(folder, "package.json");
  try {
    readFileSync(path);
    return path;
  } catch {
    return dirname(folder) === folder ? undefined : manifestPath(dirname(folder));
  }
}

function installedVersion(root: string, name: string): string | undefined {
  try {
    return JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8")).version;
  } catch {
    return undefined;
  }
}

/** Runs npm; without install scripts, because the one of @pulumi/command would fetch a plugin that is there already. */
export function installDependencies(call: InstallCall): void {
  const npm = spawn("npm", ["install", "--ignore-scripts", "--loglevel=error"], {
    cwd: call.request.getInfo()?.getProgramDirectory() || call.request.getDirectory(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const answer = () => new languagePb.InstallDependenciesResponse();
  npm.stdout.on("data", (chunk) => call.write(answer().setStdout(chunk)));
  npm.stderr.on("data", (chunk) => call.write(answer().setStderr(chunk)));
  const fail = (details: string) => call.emit("error", { code: status.UNKNOWN, details });
  npm.on("error", (error) => fail(`npm could not be started: ${error.message}`));
  npm.on("close", (code) => (code === 0 ? call.end() : fail(`npm install ended with ${code}`)));
}
