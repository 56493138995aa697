// Two kinds of pictures as SVG text: measured values as dots in rows, and lines over a size. Pure, and without a library.

import { medianOf } from "./statistics.ts";

/** One row of dots. */
export interface Row {
  readonly label: string;
  readonly values: readonly number[];
  /** What the picture is about, as against what it is compared with. */
  readonly isOwn?: boolean;
}

/** One line. */
export interface Line {
  readonly label: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly isOwn?: boolean;
}

const width = 760;
const rowHeight = 34;
const own = "#c2410c";
const other = "#1d4ed8";
const frame = { left: 200, right: 24, top: 44, bottom: 44 };
/** Left and right of the lines. */
const lines = { left: 64, right: width - 150, top: 64 };

/** Every value as a dot; the median is a bar, and a number beside the label. */
export function dotPlot(title: string, unit: string, rows: readonly Row[]): string {
  const height = frame.top + rows.length * rowHeight + frame.bottom;
  const x = scale([0, Math.max(...rows.flatMap(({ values }) => values))], [frame.left, width - frame.right]);
  const body = rows.flatMap(({ label, values, isOwn = false }, at) => {
    const y = frame.top + (at + 0.5) * rowHeight;
    const colour = isOwn ? own : other;
    const median = x.of(medianOf(values));
    return [
      text(frame.left - 58, y + 4, label, "end", isOwn),
      text(frame.left - 12, y + 4, medianOf(values).toFixed(1), "end", true),
      // Spread up and down by turns, so that equal values are seen as several.
      ...values.map((value, n) => circle(x.of(value), y + ((n * 7) % 13) - 6, 2.5, colour, 0.4)),
      `<path d="M${px(median)} ${y - 12}v24" stroke="${colour}" stroke-width="3"/>`,
    ];
  });
  const bottom = height - frame.bottom;
  const axis = x.ticks.flatMap((tick) => [
    rule(x.of(tick), frame.top, x.of(tick), bottom),
    text(x.of(tick), bottom + 16, String(tick)),
  ]);
  return svg(height, title, [...axis, text(px((frame.left + width - frame.right) / 2), height - 8, unit), ...body]);
}

/** Lines over a size, from nought on. */
export function linePlot(
  title: string,
  names: { readonly x: string; readonly y: string },
  drawn: readonly Line[],
): string {
  const height = 320;
  const points = drawn.flatMap((line) => line.points);
  const sizes = [...new Set(points.map(([size]) => size))].sort((a, b) => a - b);
  const x = scale([0, Math.max(...sizes)], [lines.left, lines.right]);
  const y = scale([0, Math.max(...points.map(([, value]) => value))], [height - frame.bottom, lines.top]);
  const grid = y.ticks.flatMap((tick) => [
    rule(lines.left, y.of(tick), lines.right, y.of(tick)),
    text(lines.left - 8, y.of(tick) + 4, String(tick), "end"),
  ]);
  const ends = apart(drawn.map(({ points }) => y.of(points.at(-1)?.[1] ?? 0)));
  const body = drawn.flatMap(({ label, points: all, isOwn = false }, at) => {
    const colour = isOwn ? own : other;
    const corners = all.map(([size, value]) => `${px(x.of(size))},${px(y.of(value))}`).join(" ");
    return [
      `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${corners}"/>`,
      ...all.map(([size, value]) => circle(x.of(size), y.of(value), 4, colour, 1)),
      text(lines.right + 12, (ends[at] ?? 0) + 4, label, "start", isOwn),
    ];
  });
  const axis = sizes.map((size) => text(x.of(size), height - frame.bottom + 16, String(size)));
  const labels = [
    text((lines.left + lines.right) / 2, height - 8, names.x),
    text(16, lines.top - 18, names.y, "start"),
  ];
  return svg(height, title, [...grid, ...axis, ...labels, ...body]);
}

/** Heights of labels beside these ends, none over another. */
function apart(ends: readonly number[]): readonly number[] {
  const placed = new Map<number, number>();
  let below = Number.NEGATIVE_INFINITY;
  for (const [at, end] of [...ends.entries()].sort((a, b) => a[1] - b[1])) {
    below = Math.max(end, below + 16);
    placed.set(at, below);
  }
  return ends.map((end, at) => placed.get(at) ?? end);
}

/** A linear scale whose ticks are round numbers. */
function scale([from, to]: readonly [number, number], [start, end]: readonly [number, number]) {
  const rough = (to - from || 1) / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const last = Math.ceil(to / step) * step || step;
  const ticks = Array.from({ length: Math.round((last - from) / step) + 1 }, (_, n) =>
    Number((from + n * step).toPrecision(6)),
  );
  return { ticks, of: (value: number) => start + ((value - from) / (last - from)) * (end - start) };
}

function svg(height: number, title: string, body: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="12" fill="#1f2937">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(16, 22, title, "start", true),
    ...body,
    "</svg>\n",
  ].join("\n");
}

function text(
  x: number,
  y: number,
  words: string,
  anchor: "start" | "middle" | "end" = "middle",
  isBold = false,
): string {
  const weight = isBold ? ' font-weight="600"' : "";
  return `<text x="${px(x)}" y="${px(y)}" text-anchor="${anchor}"${weight}>${escaped(words)}</text>`;
}

const circle = (x: number, y: number, radius: number, colour: string, opacity: number): string =>
  `<circle cx="${px(x)}" cy="${px(y)}" r="${radius}" fill="${colour}" fill-opacity="${opacity}"/>`;

const rule = (x1: number, y1: number, x2: number, y2: number): string =>
  `<path d="M${px(x1)} ${px(y1)}L${px(x2)} ${px(y2)}" stroke="#e5e7eb"/>`;

const px = (value: number): number => Math.round(value * 10) / 10;
const escaped = (words: string): string => words.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
