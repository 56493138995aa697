// The stacks that are measured: natsby's own files, the reference publisher at 1,000 messages a second, a witness at every upstream.

import { type StackOptions, startStack, type TestStack } from "../support/stack.ts";
import { upstreamsOf, Witness } from "../support/witness.ts";

/** Messages a second of every publisher. */
export const rate = 1_000;

/** A stack and who listens to it. */
export interface Watched extends AsyncDisposable {
  readonly stack: TestStack;
  readonly witness: Witness;
}

/** Starts a stack, and returns when its active publisher is heard everywhere. */
export async function startWatched(options: StackOptions = {}): Promise<Watched> {
  const stack = await startStack({ rate, reference: true, ...options });
  try {
    const witness = await Witness.at(upstreamsOf(stack.topology, stack.clusterSecret));
    await witness.hears(stack.topology.activePublisher, 10_000);
    return {
      ...{ stack, witness },
      async [Symbol.asyncDispose]() {
        await witness[Symbol.asyncDispose]();
        await stack[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  }
}

/** A base config without TLS between servers. Its pins must stay named, since a variable that nothing uses is refused. */
export function withoutTls(base: string): string {
  const tls = /^ {2}tls: \{\n(?: {4}.*\n)*? {2}\}\n/m;
  const pins = /pinned_certs: (\$\w+)/.exec(base)?.[1];
  return `${base.replace(tls, "")}server_tags: ${pins}\n`;
}

/** A base config whose links are not compressed. */
export const withoutCompression = (base: string): string => base.replace(/^ {2}compression: .*\n/m, "");
