// Pieces of an SVG picture as text. Escapes everything that it is given; draws nothing by itself.

/** Attributes of an element; one without a value is left out. */
type Attributes = Readonly<Record<string, string | number | undefined>>;

/** An element with what is inside it: elements made by this function, or the text of {@link words}. */
export function element(name: string, attributes: Attributes, inside: readonly string[] = []): string {
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
  const own = given.map(([key, value]) => ` ${key}="${escaped(String(value))}"`).join("");
  return inside.length === 0 ? `<${name}${own}/>` : `<${name}${own}>${inside.join("")}</${name}>`;
}

/** Text that stands for itself. */
export const words = (text: string): string => escaped(text);

/** Characters that XML does not allow are shown as unknown: a picture with one would not open. */
function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text
    .replace(/[^\t\n\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD")
    .replace(/[&<>"]/g, (one) => entities[one] ?? one);
}
