// A stack of the platform ssh for end-to-end tests: a checkout on this machine, and real hosts of its own that it runs on.

import { readFileSync } from "node:fs";
import { endsWith } from "./bounded-run.ts";
import { TestHosts } from "./hosts.ts";
import { makeProject, type Project, patient } from "./project.ts";

const program = "/usr/local/bin/publish";
const rate = 100;

/** What the config's `publishers` is: one on each of these hosts. */
export const publishersOn = (places: readonly string[]): readonly object[] =>
  places.map((host, n) => ({ name: `publisher${n}`, host, command: [program, "test", String(rate)] }));

/** Upstreams on `north` and `south`, publishers on hosts of their own. */
export class SshStack implements AsyncDisposable {
  readonly hosts: TestHosts;
  readonly project: Project;

  private constructor(hosts: TestHosts, project: Project) {
    [this.hosts, this.project] = [hosts, project];
  }

  /** @param places a host for each publisher. The hosts are up and bare but for a publisher's program; nothing of natsby's is on them. */
  static async prepare(places: readonly string[] = ["east", "west"]): Promise<SshStack> {
    const names = ["north", "south", ...places];
    const hosts = await TestHosts.start(names);
    const address = (name: string) => ({ address: hosts.of(name).address, hostKey: hosts.of(name).hostKey });
    const project = makeProject({
      config: {
        ...{ timeouts: { ...patient.timeouts, host: 15_000 }, platform: "ssh", stamp: { json: "/seq" } },
        hosts: Object.fromEntries(names.map((name) => [name, address(name)])),
        upstreams: [
          { name: "server0", host: "north" },
          { name: "server1", host: "south" },
        ],
        publishers: publishersOn(places),
      },
    });
    const stack = new SshStack(hosts, project);
    await Promise.all(places.map((name) => stack.#bringProgram(name)));
    await endsWith(0, project.natsby(["init", "local"]));
    const words = ["config", "set", "--secret", "--path", "sshPrivateKeys.default", "-s", "local"];
    await endsWith(0, project.pulumi(words, { stdin: readFileSync(hosts.key.path, "utf8") }));
    return stack;
  }

  async #bringProgram(name: string): Promise<void> {
    const text = readFileSync(new URL("../../examples/perl/publisher.pl", import.meta.url)).toString("base64");
    const put = `echo ${text} | base64 -d >${program} && chmod 755 ${program}`;
    await this.hosts.within(name, "sh", "-c", put);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.project[Symbol.asyncDispose]();
    await this.hosts[Symbol.asyncDispose]();
  }
}
