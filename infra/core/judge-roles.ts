// What is wrong with a dummy's role, on disk and running, and with its publisher.

import type { Case } from "./judge-case.ts";
import { twice } from "./judge-servers.ts";
import type { DummySeen, RoleFileSeen } from "./observation.ts";
import { type Problem, problem } from "./problems.ts";
import { routesOf } from "./role-file.ts";

/** Problems of a dummy's role. */
export function dummyProblems({ topology, active }: Case, dummy: DummySeen): readonly Problem[] {
  const { name, roleFile, attachedRunning, reachable } = dummy;
  const routes = routesOf({ ...topology, activePublisher: active }, dummy.publisher);
  const attached = routes.length > 0;
  const file = roleFile === null ? unseenRole(dummy) : roleFileProblems(name, roleFile, routes);
  if (reachable !== true || attachedRunning === null || attachedRunning === attached) return file;
  const text = `${name} runs ${role(attachedRunning)}; it should be ${role(attached)}`;
  return [...file, problem("role-running-differs", name, text)];
}

/** Problems of a dummy's publisher: the active one must send, a standby should. */
export function publisherProblems({ topology, active }: Case, dummy: DummySeen): readonly Problem[] {
  const { publisher: name, publisherPids, publisherPid, publishing, reachable } = dummy;
  const code = name === active ? "active-silent" : "standby-silent";
  // Its dummy is unknown for the same reason, and that is said once.
  if (publisherPids === null) return [];
  const found = twice(name, publisherPids);
  if (publisherPid === null && publishing === true) {
    return [
      ...found,
      problem("publisher-unmarked", name, `${name} publishes, but not from a process that natsby started`),
    ];
  }
  if (publisherPid === null) return [...found, problem(code, name, `${name} does not run`)];
  if (publishing === false) {
    const seconds = topology.timeouts.silence / 1_000;
    return [...found, problem(code, name, `${name} runs, and sent nothing to ${dummy.name} for ${seconds} s`)];
  }
  const unknown = publishing === null && reachable === true;
  return unknown
    ? [...found, problem("publisher-unknown", name, `${dummy.name} does not say whether ${name} sends`)]
    : found;
}

function roleFileProblems(name: string, file: RoleFileSeen, routes: readonly string[]): readonly Problem[] {
  if (file.state === "broken") return [problem("role-file-broken", name, file.problem)];
  const same = file.routes.length === routes.length && routes.every((route) => file.routes.includes(route));
  if (same) return [];
  return [
    problem(
      "role-file-differs",
      name,
      `role file of ${name}: ${routesText(file.routes)}; wanted: ${routesText(routes)}`,
    ),
  ];
}

function unseenRole({ name, reachable }: DummySeen): readonly Problem[] {
  return reachable === true
    ? [problem("role-file-unknown", name, `nobody could look at the role file of ${name}`)]
    : [];
}

const role = (attached: boolean): string => (attached ? "attached" : "detached");

const routesText = (routes: readonly string[]): string =>
  routes.length === 0
    ? "detached"
    : `attached to ${routes.map((route) => route.replace(/^[\w-]+:\/\//, "")).join(" ")}`;
