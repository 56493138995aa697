// One flip by hand in a process of its own, as natsby's is: the request is JSON on stdin.

import { text } from "node:stream/consumers";
import { flipByHand, type HandRequest } from "./hand-flip.ts";

await flipByHand(JSON.parse(await text(process.stdin)) as HandRequest);
