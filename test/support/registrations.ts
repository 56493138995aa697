// What a Pulumi program registers, recorded by mocks: names, types, parents, order and inputs, as the engine would get them.

import * as pulumi from "@pulumi/pulumi";

/** One resource as it was registered. */
export interface Registration {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  /** Name of the resource that it belongs to; null at the top. */
  readonly parent: string | null;
  /** Names of the resources that it waits for. */
  readonly dependsOn: readonly string[];
  /** Inputs in plain text: a secret one is undefined here. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Inputs that Pulumi is told to keep secret. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly ignoreChanges: readonly string[];
  readonly timeouts: { readonly create: string; readonly update: string; readonly delete: string } | null;
  /** How many transforms of its children it carries. */
  readonly transforms: number;
}

/** The little of a request that is read. */
interface Request {
  getType(): string;
  getName(): string;
  getParent(): string;
  getDependenciesList(): string[];
  getObject(): { toJavaScript(): Record<string, unknown> } | undefined;
  getIgnorechangesList(): string[];
  getCustomtimeouts(): { getCreate(): string; getUpdate(): string; getDelete(): string } | undefined;
  getTransformsList(): unknown[];
}
type Answer = (error: unknown, response?: { getUrn(): string }) => void;
interface Monitor {
  registerResource(request: Request, answer: Answer): unknown;
}

/** How the protocol says that a value is secret. */
const signature = "4dabf18193072939515e22adb298388d";
let recorded: Registration[] = [];
await record();

/** Runs a part of a program and gives back everything that it registered, in order. */
export async function registrationsOf(build: () => unknown): Promise<readonly Registration[]> {
  recorded = [];
  build();
  await (pulumi.runtime as unknown as { waitForRPCs(): Promise<void> }).waitForRPCs();
  return recorded;
}

/** Mocks are for the whole process: they are set once. */
async function record(): Promise<void> {
  const state = (inputs: Record<string, unknown>, name: string) => ({ ...inputs, stdout: `what ${name} did` });
  await pulumi.runtime.setMocks(
    { call: () => ({}), newResource: ({ name, inputs }) => ({ id: `${name}-id`, state: state(inputs, name) }) },
    "natsby",
    "test",
  );
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  const register = monitor.registerResource.bind(monitor);
  const names = new Map<string, string>();
  monitor.registerResource = (request, answer) =>
    register(request, (error, response) => {
      const urn = response?.getUrn() ?? "";
      names.set(urn, request.getName());
      recorded.push(registrationOf(request, urn, names));
      answer(error, response);
    });
}

function registrationOf(request: Request, urn: string, names: ReadonlyMap<string, string>): Registration {
  const inputs = Object.entries(request.getObject()?.toJavaScript() ?? {});
  const isSecret = (value: unknown): value is { value: string } =>
    typeof value === "object" && value !== null && signature in value;
  const timeouts = request.getCustomtimeouts();
  const nameOf = (one: string): string => names.get(one) ?? one;
  return {
    type: request.getType(),
    name: request.getName(),
    urn,
    parent: request.getParent() === "" ? null : nameOf(request.getParent()),
    dependsOn: request.getDependenciesList().map(nameOf).toSorted(),
    inputs: Object.fromEntries(inputs.filter(([, value]) => !isSecret(value))),
    secrets: Object.fromEntries(inputs.flatMap(([key, value]) => (isSecret(value) ? [[key, value.value]] : []))),
    ignoreChanges: request.getIgnorechangesList(),
    timeouts:
      timeouts === undefined
        ? null
        : { create: timeouts.getCreate(), update: timeouts.getUpdate(), delete: timeouts.getDelete() },
    transforms: request.getTransformsList().length,
  };
}
