// The driver of this machine keeps the contract of every driver.

import { localHost } from "../../infra/hosts/local.ts";
import { temporary } from "../support/temporary.ts";
import { hostContract } from "./contract/host-contract.ts";

hostContract("local", async () => {
  const folder = temporary("data dir");
  return {
    dataDir: folder.path,
    open: () => localHost(folder.path),
    async [Symbol.asyncDispose]() {
      folder[Symbol.dispose]();
    },
  };
});
