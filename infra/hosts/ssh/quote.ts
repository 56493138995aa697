// Words and texts for a POSIX shell on a host. Pure: the one place that quotes.

/** One word, whatever it holds. @throws where a shell cannot hold it. */
export function word(text: string): string {
  if (text.includes("\0")) throw new Error("a word for a shell holds a NUL");
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Several words. */
export const words = (texts: readonly string[]): string => texts.map(word).join(" ");

/**
 * A command that prints `text` and nothing more, in plain ASCII. `printf` is built into every shell, so the text stands in no
 * command line.
 */
export function printed(text: string): string {
  const bytes = [...Buffer.from(text)].map((byte, index) => {
    const char = String.fromCharCode(byte);
    if (char === "\n") return char;
    // Else it would be taken for an option.
    if (char === "-" && index === 0) return "\\055";
    if (char === "%") return "%%";
    const isPlain = byte >= 0x20 && byte < 0x7f && char !== "\\" && char !== "'";
    return isPlain ? char : `\\${byte.toString(8).padStart(3, "0")}`;
  });
  return `printf '${bytes.join("")}'`;
}
