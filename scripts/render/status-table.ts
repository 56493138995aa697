// The status of a stack for people: a sentence, two tables, and what is wrong with what to type. Fits 80 columns.

import { severityOf } from "../../infra/core/problems.ts";
import type { PublisherStatus, StatusJson, UpstreamStatus } from "../../infra/core/status.ts";
import { tableOf, wrap } from "./columns.ts";
import type { Colour, Output } from "./output.ts";

/** The text of `natsby status`. */
export function statusTable(status: StatusJson, paint: Output["paint"]): string {
  const heads = (line: string | undefined) => paint("dim", line ?? "");
  const [upstreamHeads, ...upstreams] = tableOf(
    ["UPSTREAM", "STATE", "CLIENTS AT", "LINKED WITH"],
    status.upstreams.map(upstreamRow),
  );
  const [publisherHeads, ...publishers] = tableOf(
    ["PUBLISHER", "ROLE", "SENDS", "DUMMY", "STATE", "HEARD AT"],
    status.publishers.map(publisherRow),
  );
  const lines = [
    ...headline(status, paint),
    "",
    heads(upstreamHeads),
    ...upstreams,
    "",
    heads(publisherHeads),
    ...publishers,
    ...problemLines(status, paint),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

const colours: Readonly<Record<StatusJson["verdict"], Colour>> = {
  ok: "green",
  drift: "yellow",
  degraded: "yellow",
  unknown: "yellow",
  silent: "red",
  doubled: "red",
};

function headline(status: StatusJson, paint: Output["paint"]): readonly string[] {
  const { verdict, stack, epoch, fenced } = status;
  const [first = "", ...rest] = wrap(`${verdict.toUpperCase()}  `, `stack ${stack}: ${sentence(status)}`);
  const more = [
    ...(epoch > 0 ? [`epoch ${epoch}`] : []),
    ...(fenced.length > 0 ? [`fenced: ${fenced.join(", ")}`] : []),
  ];
  return [
    first.replace(/^\S+/, (word) => paint(colours[verdict], word)),
    ...rest,
    ...(more.length > 0 ? wrap("", more.join("; ")) : []),
  ];
}

function sentence({ verdict, activePublisher, publishers, upstreams }: StatusJson): string {
  const seen = publishers.find(({ name }) => name === activePublisher)?.attached.seen ?? [];
  const heard = seen.length === upstreams.length ? `at every upstream` : `at ${seen.join(", ") || "no upstream"}`;
  const words: Readonly<Record<StatusJson["verdict"], string>> = {
    ok: `${activePublisher} is heard ${heard}`,
    degraded: `${activePublisher} is linked ${heard}; not all is well`,
    drift: "what runs is not what was asked",
    unknown: "not everything could be seen, so nothing is called ok",
    silent: "NOBODY IS HEARD",
    doubled: "MORE THAN ONE MAY BE HEARD",
  };
  return words[verdict];
}

function upstreamRow({ name, reachable, clientUrl, linksFrom }: UpstreamStatus): readonly string[] {
  const linked = reachable === false ? "-" : linksFrom === null ? "?" : linksFrom.join(" ") || "nobody";
  return [name, stateOf(reachable), address(clientUrl), linked];
}

function publisherRow({ name, role, publishing, dummy, reachable, attached }: PublisherStatus): readonly string[] {
  const sends = publishing === null ? "?" : publishing ? "yes" : "NO";
  const heardAt = attached.seen === null ? "?" : attached.seen.join(" ") || "nowhere";
  return [name, role, sends, dummy, stateOf(reachable), heardAt];
}

function problemLines({ problems }: StatusJson, paint: Output["paint"]): readonly string[] {
  return problems.flatMap(({ code, text, hint }) => {
    const severity = severityOf(code);
    const [first = "", ...rest] = wrap(`${severity}: `, `${text} [${code}]`, "  ");
    const colour = severity === "note" ? "bold" : colours[severity === "stopped" ? "drift" : severity];
    return ["", first.replace(/^[a-z]+:/, (word) => paint(colour, word)), ...rest, ...wrap("  > ", hint)];
  });
}

const stateOf = (reachable: boolean | null): string => (reachable === null ? "?" : reachable ? "up" : "DOWN");

/** Without the scheme, which says nothing here. */
const address = (url: string): string => url.replace(/^\w+:\/\//, "");
