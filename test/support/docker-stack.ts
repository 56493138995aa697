// A stack of the platform docker for end-to-end tests: a checkout on this machine, and a Docker engine of its own that it runs on.

import { type Engine, startEngine } from "./engine.ts";
import { freePorts } from "./ports.ts";
import { makeProject, type Project, patient, publishersAt } from "./project.ts";

/** Names of its containers begin so. */
export const prefix = "natsby-local-";

/** What is on an engine that an engine which was just started has not. */
export async function remainsOn({ docker }: Pick<Engine, "docker">): Promise<readonly string[]> {
  const said = await Promise.all([
    docker(["ps", "--all", "--format", "container {{.Names}}"]),
    docker(["volume", "ls", "--format", "volume {{.Name}}"]),
    docker(["images", "--all", "--format", "image {{.Repository}}:{{.Tag}} {{.ID}}"]),
    docker(["network", "ls", "--format", "network {{.Name}}"]),
  ]);
  const own = ["network bridge", "network host", "network none"];
  return said.flatMap((text) => text.split("\n").filter((line) => line !== "" && !own.includes(line)));
}

/** Two upstreams and two publishers at 100 messages a second, on one engine. */
export class DockerStack implements AsyncDisposable {
  readonly engine: Engine;
  readonly project: Project;

  private constructor(engine: Engine, project: Project) {
    [this.engine, this.project] = [engine, project];
  }

  /** The engine runs; nothing of natsby's is on it. */
  static async prepare(config: Readonly<Record<string, unknown>> = {}): Promise<DockerStack> {
    const engine = await startEngine();
    const [basePort = 0] = await freePorts(1);
    const project = makeProject({
      config: {
        ...{ platform: "docker", hosts: { here: { engine: engine.url } }, basePort, publishers: publishersAt(100) },
        ...{ timeouts: { ...patient.timeouts, start: 30_000, stop: 15_000 }, ...config },
      },
    });
    return new DockerStack(engine, project);
  }

  /** Names and ids of its containers, with when each was started: what a replacement or a restart changes. */
  async containers(): Promise<ReadonlyMap<string, string>> {
    const ids = (await this.engine.docker(["ps", "--all", "--quiet"])).split("\n").filter(Boolean);
    if (ids.length === 0) return new Map();
    const format = "{{.Name}} {{.Id}} {{.State.StartedAt}}";
    const lines = (await this.engine.docker(["inspect", "--format", format, ...ids])).split("\n");
    return new Map(
      lines.map((line) => {
        const [name = "", ...rest] = line.slice(1).split(" ");
        return [name.replace(prefix, ""), rest.join(" ")];
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.project[Symbol.asyncDispose]();
    await this.engine[Symbol.asyncDispose]();
  }
}
