// The picture of `natsby topology --svg`: upstreams, dummies and publishers, and every link between them, as observed. Judges nothing.

import { type Problem, severityOf } from "../../infra/core/problems.ts";
import type { LinkDrawn, ServerDrawn, TopologySeen } from "../../infra/core/topology-seen.ts";
import { cut } from "./columns.ts";
import { element, words } from "./svg.ts";
import { style } from "./topology-style.ts";

/** A box of the picture. */
interface Box {
  readonly name: string;
  readonly says: string;
  readonly look: string;
  /** Its middle. */
  readonly x: number;
  readonly y: number;
}

const size = { height: 56, gap: 40, margin: 32, row: 140, top: 132, line: 20 };
const longestName = 32;
const mostProblems = 8;

/** The text of an SVG file. `problems` are marked on the servers that they are about, and listed below. */
export function topologySvg(seen: TopologySeen, problems: readonly Problem[]): string {
  const columns = Math.max(seen.servers.filter(isUpstream).length, seen.servers.filter(isSpeaker).length);
  const longest = Math.max(...seen.servers.map(({ name, publisher = "" }) => Math.max(name.length, publisher.length)));
  const box = Math.round(Math.max(190, Math.min(longest, longestName) * 8 + 28));
  const width = Math.max(640, size.margin * 2 + columns * box + (columns - 1) * size.gap);
  const rows = [seen.servers.filter(isUpstream).map(upstreamBox), seen.servers.filter(isSpeaker).map(speakerBox)];
  const placedRows = rows.map((row, index) => placed(row, index, { width, box }));
  const boxes = [...placedRows, publisherBoxes(seen, placedRows[1] ?? [])];
  const below = size.top + 2 * size.row + size.height / 2 + 40;
  const list = problemLines(problems, below, width);
  const height = below + list.length * size.line + 24;
  const inside = [
    element("title", {}, [words(`natsby topology of stack ${seen.stack}: ${seen.verdict}`)]),
    element("style", {}, [style]),
    markers,
    element("rect", { class: "paper", width, height }),
    ...headline(seen, width),
    ...lines(seen, boxes, box),
    ...boxes.flat().map((one) => drawn(one, box, problems)),
    ...list,
  ];
  const attributes = {
    xmlns: "http://www.w3.org/2000/svg",
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    role: "img",
  };
  return `${element(
    "svg",
    attributes,
    inside.map((line) => `\n${line}`),
  )}\n`;
}

const isUpstream = ({ kind }: ServerDrawn): boolean => kind === "upstream";
const isSpeaker = ({ kind }: ServerDrawn): boolean => kind !== "upstream";
const answers = (reachable: boolean | null): string =>
  reachable === null ? "does not answer" : reachable ? "up" : "DOWN";
const lookOf = (reachable: boolean | null, up: string): string =>
  reachable === null ? "unknown" : reachable ? up : "down";

type Unplaced = Omit<Box, "x" | "y">;

const upstreamBox = ({ name, reachable }: ServerDrawn): Unplaced => ({
  name,
  says: `upstream, ${answers(reachable)}`,
  look: lookOf(reachable, "upstream"),
});

function speakerBox({ name, kind, reachable, role = "standby" }: ServerDrawn): Unplaced {
  if (kind === "foreign") return { name, says: "no server of this stack", look: "foreign" };
  return { name, says: `${role}, ${answers(reachable)}`, look: lookOf(reachable, role) };
}

/** Each below its own dummy. */
function publisherBoxes({ servers }: TopologySeen, speakers: readonly Box[]): readonly Box[] {
  return speakers.flatMap(({ name, x, y }) => {
    const { publisher, publishing } = servers.find((server) => server.name === name) ?? {};
    return publisher === undefined ? [] : [{ ...publisherBox(publisher, publishing), x, y: y + size.row }];
  });
}

function publisherBox(name: string, publishing: boolean | null | undefined): Unplaced {
  const says = publishing === true ? "publishes" : publishing === false ? "sends NOTHING" : "sends ?";
  return { name, says, look: publishing === true ? "publisher" : publishing === false ? "down" : "unknown" };
}

/** A row in the middle of the picture. */
function placed(
  row: readonly Unplaced[],
  index: number,
  { width, box }: { width: number; box: number },
): readonly Box[] {
  const step = box + size.gap;
  const first = (width - (row.length - 1) * step) / 2;
  return row.map((one, at) => ({ ...one, x: first + at * step, y: size.top + index * size.row }));
}

function drawn({ name, says, look, x, y }: Box, box: number, problems: readonly Problem[]): string {
  const own = problems.filter(({ about }) => about === name);
  const badge =
    own.length === 0
      ? []
      : [
          element("circle", { class: `badge ${worst(own)}`, cx: x + box / 2 - 4, cy: y - size.height / 2 + 4, r: 10 }),
          element("text", { class: "badge-text", x: x + box / 2 - 4, y: y - size.height / 2 + 8 }, [words("!")]),
        ];
  return element("g", {}, [
    element("title", {}, [words([`${name}: ${says}`, ...own.map(({ text }) => text)].join("\n"))]),
    element("rect", {
      class: `box ${look}`,
      x: x - box / 2,
      y: y - size.height / 2,
      width: box,
      height: size.height,
      rx: 9,
    }),
    element("text", { class: "name", x, y: y - 4 }, [words(cut(name, longestName))]),
    element("text", { class: "says", x, y: y + 15 }, [words(says)]),
    ...badge,
  ]);
}

/** Every link that was seen; and, where a server does not answer, that it may have one. */
function lines(
  seen: TopologySeen,
  [upstreams = [], speakers = [], publishers = []]: readonly (readonly Box[])[],
  box: number,
): readonly string[] {
  const at = new Map([...upstreams, ...speakers].map((one) => [one.name, one]));
  const heard = seen.links.map((link) => {
    const [from, to] = [at.get(link.from), at.get(link.to)];
    return from === undefined || to === undefined ? "" : linkLine(link, from, to, roleOf(seen, link), box);
  });
  const silent = seen.servers.filter((server) => isUpstream(server) && server.reachable === null);
  const unknown = silent.flatMap(({ name }) =>
    speakers
      .filter(({ name: dummy }) => !seen.links.some(({ from, to }) => from === dummy && to === name))
      .map((from) =>
        route(from, at.get(name) ?? from, "link unknown", `whether ${from.name} is linked to ${name} is not known`),
      ),
  );
  const own = publishers.map((publisher) => {
    const server = seen.servers.find((one) => one.publisher === publisher.name);
    const dummy = at.get(server?.name ?? "");
    const look = server?.publishing === true ? "feed" : server?.publishing === false ? "feed silent" : "feed unknown";
    return dummy === undefined ? "" : route(publisher, dummy, look, `${publisher.name} ${publisher.says}`);
  });
  return [...unknown, ...heard, ...own].filter((line) => line !== "");
}

/** Heard as asked for, heard though it should not be, or part of the mesh. */
function roleOf({ servers }: TopologySeen, { from, to, foreign }: LinkDrawn): string {
  const ends = servers.filter(({ name }) => name === from || name === to);
  if (ends.length === 2 && ends.every(isUpstream)) return "mesh";
  return !foreign && ends.some(({ role }) => role === "active") ? "wanted" : "unwanted";
}

function linkLine(link: LinkDrawn, from: Box, to: Box, role: string, box: number): string {
  const says = `${link.from} is linked to ${link.to}${link.complete ? "" : ", incomplete"}`;
  const look = `link ${role}${link.complete ? "" : " incomplete"}`;
  return from.y === to.y ? beside(from, to, look, says, box) : route(from, to, look, says);
}

/** From the top of one to the bottom of the other, a little towards it. */
function route(from: Box, to: Box, look: string, says: string): string {
  const lean = Math.max(-40, Math.min(40, (to.x - from.x) / 6));
  const down = from.y > to.y ? 1 : -1;
  const ends = {
    x1: from.x + lean,
    y1: from.y - (down * size.height) / 2,
    x2: to.x - lean,
    y2: to.y + down * (size.height / 2 + 3),
  };
  return element("line", { class: look, ...ends }, [element("title", {}, [words(says)])]);
}

/** Neighbours by a straight line, others by an arc over those between. */
function beside(from: Box, to: Box, look: string, says: string, box: number): string {
  const [left, right] = from.x < to.x ? [from, to] : [to, from];
  const title = [element("title", {}, [words(says)])];
  const apart = right.x - left.x;
  if (apart <= box + size.gap)
    return element(
      "line",
      { class: look, x1: left.x + box / 2, y1: left.y, x2: right.x - box / 2, y2: right.y },
      title,
    );
  const top = left.y - size.height / 2;
  const over = top - Math.min(44, 14 + apart / 24);
  return element(
    "path",
    { class: look, d: `M${left.x} ${top}C${left.x + 40} ${over} ${right.x - 40} ${over} ${right.x} ${top}` },
    title,
  );
}

function headline({ stack, verdict, observedAt, activePublisher }: TopologySeen, width: number): readonly string[] {
  return [
    element("text", { class: "title", x: size.margin, y: 38 }, [words(cut(`stack ${stack}`, 60))]),
    element("text", { class: "note", x: size.margin, y: 60 }, [
      words(cut(`active: ${activePublisher}, as seen at ${observedAt}`, 90)),
    ]),
    element("rect", { class: `pill ${verdict}`, x: width - size.margin - 110, y: 20, width: 110, height: 28, rx: 14 }),
    element("text", { class: "pill-text", x: width - size.margin - 55, y: 39 }, [words(verdict)]),
  ];
}

function problemLines(problems: readonly Problem[], top: number, width: number): readonly string[] {
  const room = Math.floor((width - 2 * size.margin - 20) / 7);
  const more = problems.length - mostProblems;
  const texts = problems
    .slice(0, mostProblems)
    .map(({ code, text }) => ({ look: severityOf(code) as string, text: `${text} [${code}]` }));
  if (more > 0) texts.push({ look: "note", text: `and ${more} more: natsby status` });
  return texts.map(({ look, text }, index) => {
    const y = top + index * size.line;
    const dot = element("circle", { class: `badge ${look}`, cx: size.margin + 5, cy: y - 4, r: 5 });
    return element("g", {}, [
      dot,
      element("text", { class: "problem", x: size.margin + 20, y }, [words(cut(text, room))]),
    ]);
  });
}

const badness = ["note", "drift", "degraded", "unknown", "silent", "stopped", "doubled"];
const worst = (problems: readonly Problem[]): string =>
  problems.map(({ code }) => severityOf(code)).reduce((a, b) => (badness.indexOf(b) > badness.indexOf(a) ? b : a));

const markers = element(
  "defs",
  {},
  ["wanted", "unwanted", "feed", "unknown"].map((id) =>
    element("marker", { id, viewBox: "0 0 10 10", refX: 8, refY: 5, markerWidth: 6, markerHeight: 6, orient: "auto" }, [
      element("path", { class: `tip ${id}`, d: "M0 0L10 5L0 10z" }),
    ]),
  ),
);
