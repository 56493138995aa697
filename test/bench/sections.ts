// Every section of the benchmark, in the page's order.

import { gap } from "./gap.ts";
import { growth } from "./growth.ts";
import { pulumi } from "./pulumi.ts";
import type { Section } from "./section.ts";
import { throughput } from "./throughput.ts";

/** What each measured is its own affair: the page only hands it back. */
export const sections = [gap, pulumi, throughput, growth] as readonly Section<unknown>[];
