// A reporter for node:test that writes one line of JSON an event, at once: what a killed test had done is known as well.
// It runs inside the tested process and imports nothing.

/** What happened to one test. */
export interface Event {
  readonly what: "began" | "ended" | "passed" | "failed" | "skipped";
  /** The names of the suites around it, then its own. */
  readonly name: string;
  /** The beginning of why it failed. */
  readonly why?: string;
}

/** Enough to know a failure by, where a log is cut. */
const mostOfWhy = 600;

interface Happening {
  readonly type: string;
  readonly data: {
    readonly name: string;
    readonly nesting: number;
    readonly skip?: string | boolean;
    readonly todo?: string | boolean;
    readonly details?: {
      readonly type?: string;
      readonly error?: { readonly message?: string; readonly cause?: unknown };
    };
  };
}

/** The reporter. */
export default async function* events(source: AsyncIterable<Happening>): AsyncGenerator<string> {
  const around: string[] = [];
  for await (const { type, data } of source) {
    if (type === "test:start") around[data.nesting] = data.name;
    const what = whatOf(type, data);
    if (!what) continue;
    // Results come in the order in which they are shown, so that the last that began a level up is the one around it.
    const isResult = what !== "began" && what !== "ended";
    const name = isResult ? [...around.slice(0, data.nesting), data.name].join(" > ") : data.name;
    const why = what === "failed" ? whyOf(data) : undefined;
    yield `${JSON.stringify({ what, name, ...(why === undefined ? {} : { why }) } satisfies Event)}\n`;
  }
}

function whatOf(type: string, { details, skip, todo }: Happening["data"]): Event["what"] | undefined {
  if (type === "test:dequeue") return "began";
  if (type === "test:complete") return "ended";
  if ((type !== "test:pass" && type !== "test:fail") || details?.type === "suite") return undefined;
  if (isSet(skip) || isSet(todo)) return "skipped";
  return type === "test:pass" ? "passed" : "failed";
}

function whyOf({ details }: Happening["data"]): string | undefined {
  const { message, cause } = details?.error ?? {};
  const own = (cause as { message?: unknown } | undefined)?.message;
  return (typeof own === "string" ? own : message)?.slice(0, mostOfWhy);
}

const isSet = (mark: string | boolean | undefined): boolean => mark !== undefined && mark !== false;
