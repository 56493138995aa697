// A stack of the platform ssh for end-to-end tests: a checkout on this machine, and real hosts of its own that it runs on.

import { readFileSync } from "node:fs";
import { endsWith } from "./bounded-run.ts";
import { type TestHost, TestHosts } from "./hosts.ts";
import { makeProject, type Project, patient } from "./project.ts";

const program = "/usr/local/bin/publish";
const rate = 100;

/** What the config's `publishers` is: one on each of these hosts. @param more keys of each */
export const publishersOn = (places: readonly string[], more: object = {}): readonly object[] =>
  places.map((host, n) => ({ name: `publisher${n}`, host, command: [program, "test", String(rate)], ...more }));

/** A host's part of the config. */
export type HostEntry = Readonly<Record<string, unknown>>;

/** Upstreams on `north` and `south`, publishers on hosts of their own. */
export class SshStack implements AsyncDisposable {
  readonly hosts: TestHosts;
  readonly project: Project;
  readonly names: readonly string[];

  private constructor(hosts: TestHosts, project: Project, names: readonly string[]) {
    [this.hosts, this.project, this.names] = [hosts, project, names];
  }

  /** @param places a host for each publisher. The hosts are up and bare but for a publisher's program; nothing of natsby's is on them. */
  static async prepare(places: readonly string[] = ["east", "west"]): Promise<SshStack> {
    const names = ["north", "south", ...places];
    const hosts = await TestHosts.start(names);
    const project = makeProject({
      config: {
        ...{ timeouts: { ...patient.timeouts, host: 15_000 }, platform: "ssh", stamp: { json: "/seq" } },
        hosts: entriesOf(hosts, names),
        upstreams: [
          { name: "server0", host: "north" },
          { name: "server1", host: "south" },
        ],
        publishers: publishersOn(places),
      },
    });
    const stack = new SshStack(hosts, project, names);
    await Promise.all(places.map((name) => stack.#bringProgram(name)));
    await endsWith(0, project.natsby(["init", "local"]));
    await stack.useKey("default", readFileSync(hosts.key.path, "utf8"));
    return stack;
  }

  /** Changes the config's hosts: `more` is put over the entries of those that it names, or is a host of its own. */
  reach(more: Readonly<Record<string, HostEntry>>): void {
    const own: Readonly<Record<string, HostEntry>> = entriesOf(this.hosts, this.names);
    const all = Object.keys({ ...own, ...more }).map((name) => [name, { ...own[name], ...more[name] }]);
    this.project.configure({ hosts: Object.fromEntries(all) });
  }

  /** Sets the private key for a host, or for all that have none of their own. */
  async useKey(host: string, privateKey: string): Promise<void> {
    const words = ["config", "set", "--secret", "--path", `sshPrivateKeys.${host}`, "-s", "local"];
    await endsWith(0, this.project.pulumi(words, { stdin: privateKey }));
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

/** Where each is, and by which key it is known. */
function entriesOf(hosts: TestHosts, names: readonly string[]): Readonly<Record<string, HostEntry>> {
  const entry = ({ address, hostKey }: TestHost): HostEntry => ({ address, hostKey });
  return Object.fromEntries(names.map((name) => [name, entry(hosts.of(name))]));
}
