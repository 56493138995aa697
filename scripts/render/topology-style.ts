// Colours and lines of the topology's picture, for light and for dark surroundings. State is shown by more than colour: dashes, words, a mark.

/** A colour on white, and on black. */
type Colour = readonly [light: string, dark: string];

const colours: Readonly<Record<string, Colour>> = {
  ".paper": ["fill:#ffffff", "fill:#0f172a"],
  ".title,.name": ["fill:#0f172a", "fill:#f1f5f9"],
  ".note,.says,.problem": ["fill:#475569", "fill:#b6c2d1"],
  ".box": ["fill:#f8fafc;stroke:#64748b", "fill:#1e293b;stroke:#94a3b8"],
  ".box.upstream": ["fill:#dbeafe;stroke:#1d4ed8", "fill:#172554;stroke:#60a5fa"],
  ".box.active": ["fill:#dcfce7;stroke:#15803d", "fill:#052e16;stroke:#4ade80"],
  ".box.down,.box.foreign": ["fill:#fee2e2;stroke:#b91c1c", "fill:#450a0a;stroke:#f87171"],
  ".box.unknown": ["fill:#fef9c3;stroke:#a16207", "fill:#422006;stroke:#facc15"],
  ".mesh": ["stroke:#1d4ed8", "stroke:#60a5fa"],
  ".link.wanted": ["stroke:#15803d", "stroke:#4ade80"],
  ".link.unwanted,.feed.silent": ["stroke:#b91c1c", "stroke:#f87171"],
  ".feed": ["stroke:#64748b", "stroke:#94a3b8"],
  ".link.unknown,.feed.unknown": ["stroke:#a16207", "stroke:#facc15"],
  ".tip.wanted": ["fill:#15803d", "fill:#4ade80"],
  ".tip.unwanted": ["fill:#b91c1c", "fill:#f87171"],
  ".tip.feed": ["fill:#64748b", "fill:#94a3b8"],
  ".tip.unknown": ["fill:#a16207", "fill:#facc15"],
  ".ok": ["fill:#15803d", "fill:#4ade80"],
  ".badge.note": ["fill:#64748b", "fill:#94a3b8"],
  ".drift,.degraded,.badge.unknown,.pill.unknown": ["fill:#a16207", "fill:#facc15"],
  ".silent,.doubled,.stopped": ["fill:#b91c1c", "fill:#f87171"],
  ".pill-text,.badge-text": ["fill:#ffffff", "fill:#0f172a"],
};

const shapes = [
  "text{font-family:system-ui,'Segoe UI',Helvetica,Arial,sans-serif;font-size:13px}",
  ".title{font-size:20px;font-weight:600}.name{font-size:14px;font-weight:600}",
  ".name,.says,.pill-text,.badge-text{text-anchor:middle}.pill-text,.badge-text{font-weight:700}",
  ".box{stroke-width:1.5}.box.active{stroke-width:3}.box.standby{stroke-dasharray:6 4}.box.fenced{stroke-dasharray:2 4}",
  ".mesh{fill:none;stroke-width:2}.link{fill:none;stroke-width:2.5}.feed{fill:none;stroke-width:1.5;marker-end:url(#feed)}",
  ".wanted.link{marker-end:url(#wanted)}.unwanted.link{marker-end:url(#unwanted);stroke-width:4}",
  ".unknown.link{marker-end:url(#unknown);stroke-width:1.5}.feed.unknown{marker-end:url(#unknown)}",
  ".feed.silent{marker-end:url(#unwanted)}.incomplete,.feed.silent{stroke-dasharray:8 5}.unknown{stroke-dasharray:2 5}",
].join("\n");

const inLook = (which: 0 | 1): string =>
  Object.entries(colours)
    .map(([selector, colour]) => `${selector}{${colour[which]}}`)
    .join("\n");

/** The style sheet of the picture. */
export const style = `\n${shapes}\n${inLook(0)}\n@media (prefers-color-scheme: dark){\n${inLook(1)}\n}\n`;
