// Bounds that a test can run out without waiting long, and that a busy machine keeps to all the same.

import type { Timeouts } from "../../infra/core/topology.ts";
import { testTopology } from "./topology.ts";

export const quickTimeouts: Timeouts = {
  ...testTopology().timeouts,
  connect: 1_500,
  request: 1_500,
  detach: 1_500,
  fresh: 1_500,
  attach: 2_000,
  heard: 1_500,
  silence: 1_000,
};
