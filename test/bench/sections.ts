// Every section of the benchmark, in the page's order.

import { docker } from "./docker.ts";
import { failover } from "./failover.ts";
import { gap } from "./gap.ts";
import { growth } from "./growth.ts";
import { hundred } from "./hundred.ts";
import { pulumi } from "./pulumi.ts";
import type { Section } from "./section.ts";
import { ssh } from "./ssh.ts";
import { throughput } from "./throughput.ts";

/** What each measured is its own affair: the page only hands it back. */
export const sections = [
  gap,
  hundred,
  pulumi,
  failover,
  throughput,
  growth,
  ssh,
  docker,
] as readonly Section<unknown>[];
