// One planned flip by Pulumi: sets the config, runs `pulumi up`, and leaves the config as it should be by what came of it.

import { exitCodes } from "../../infra/core/exit-codes.ts";
import type { Once } from "../../infra/core/topology.ts";
import { changeConfig } from "./change-config.ts";
import type { OpenStack } from "./open-stack.ts";
import { type ConfigEnd, changedNothing, putBack, settle } from "./settle-config.ts";
import { endInOrder } from "./told-to-stop.ts";
import { toolsFor } from "./tools.ts";
import { highestTicket, type Up, up } from "./up.ts";

/** What flip. */
export interface FlipAsked {
  readonly to: string;
  readonly reason: string | null;
  /** A risk that this run may take. @default none */
  readonly risk?: Once["flag"] | null;
  /** A publisher whose own change comes later. @default nobody */
  readonly hold?: string;
}

/** Flips. A refusal or a rollback puts the config back. */
export async function flip(opened: OpenStack, asked: FlipAsked): Promise<{ ended: Up; config: ConfigEnd }> {
  const { to, reason, risk = null, hold } = asked;
  const { file, hosts, topology } = opened;
  const { stack } = topology;
  endInOrder();
  const tools = await toolsFor();
  const ticket = await highestTicket(hosts);
  const once = risk === null ? {} : { once: { flag: risk, reason: reason ?? "", ticket: ticket + 1 } };
  const { file: armed } = await changeConfig(opened, { activePublisher: to, ...once });
  const ended = await up(tools, { stack, hosts, reason, ...(hold === undefined ? {} : { hold }) });
  const { exitCode } = ended;
  if (await changedNothing({ exitCode, hosts, ticket, to })) return { ended, config: await putBack(armed, file.text) };
  const isHeard = exitCode === exitCodes.done || ended.entry?.result === "active";
  const end = isHeard ? "written" : "stays armed";
  return { ended, config: risk === null ? end : await settle(armed, { once: undefined }, end) };
}
