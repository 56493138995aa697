// What the contract of the port Host is tried on.

import type { Finished, Host } from "../../../infra/hosts/host.ts";

/** A host for the contract. */
export interface ContractHost extends AsyncDisposable {
  /** A folder there that is empty or not there yet: the stack's. */
  readonly dataDir: string;
  /** The host, as another run of natsby opens it. */
  open(): Host;
}

/** What the tests work on, once it is there. */
export interface Subject {
  readonly host: Host;
  readonly there: ContractHost;
  /** A path of a test's own. */
  own(name?: string): string;
  modeOf(path: string): Promise<string>;
  sh(script: string, ...args: readonly string[]): Promise<Finished>;
}
