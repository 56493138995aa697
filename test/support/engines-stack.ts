// A stack of the platform docker on several engines for end-to-end tests: one of this machine, two behind SSH, each with addresses of its own.

import { type Engine, startEngine } from "./engine.ts";
import { addressOf, EngineBySsh } from "./engine-by-ssh.ts";
import { freePorts } from "./ports.ts";
import { makeProject, type Project, patient } from "./project.ts";
import { type SshAgent, startSshAgent } from "./ssh-agent.ts";

/** `server0` and `publisher0` on the engine `here`, `server1` on `far`, `publisher1` on `farther`. */
export class EnginesStack implements AsyncDisposable {
  readonly here: Engine;
  readonly far: EngineBySsh;
  readonly farther: EngineBySsh;
  readonly project: Project;
  readonly #agent: SshAgent;

  private constructor(here: Engine, far: EngineBySsh, farther: EngineBySsh, agent: SshAgent, project: Project) {
    [this.here, this.far, this.farther, this.#agent, this.project] = [here, far, farther, agent, project];
  }

  /** The engines run; nothing of natsby's is on them. */
  static async prepare(): Promise<EnginesStack> {
    const [here, far, farther] = await Promise.all([startEngine(), EngineBySsh.start(), EngineBySsh.start()]);
    const agent = await startSshAgent([far.sshd.key.path, farther.sshd.key.path]);
    const [basePort = 0] = await freePorts(1);
    const project = makeProject({
      env: { SSH_AUTH_SOCK: agent.socket },
      config: {
        ...{ platform: "docker", basePort },
        hosts: {
          here: { engine: here.url, address: addressOf(here) },
          ...{ far: far.host, farther: farther.host },
        },
        upstreams: [
          { name: "server0", host: "here" },
          { name: "server1", host: "far" },
        ],
        publishers: [
          { name: "publisher0", host: "here", rate: 100 },
          { name: "publisher1", host: "farther", rate: 100 },
        ],
        timeouts: { ...patient.timeouts, start: 30_000, stop: 15_000 },
      },
    });
    return new EnginesStack(here, far, farther, agent, project);
  }

  /** Every engine, by its name in the config. */
  get engines(): Readonly<Record<string, Engine>> {
    return { here: this.here, far: this.far.engine, farther: this.farther.engine };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.project[Symbol.asyncDispose]();
    await this.#agent[Symbol.asyncDispose]();
    await Promise.all([this.here, this.far, this.farther].map((one) => one[Symbol.asyncDispose]()));
  }
}
