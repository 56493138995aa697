// Where a verb's words go: the answer to stdout, the story to stderr. Colour only where a terminal shows it.

/** What a verb writes to; tests give their own. */
export interface Output {
  /** The answer. */
  print(text: string): void;
  /** The story. */
  tell(text: string): void;
  /** Paints words on a terminal; elsewhere gives them back as they are. */
  paint(colour: Colour, text: string): string;
}

export type Colour = "green" | "yellow" | "red" | "bold" | "dim";

const codes: Readonly<Record<Colour, number>> = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 };

/** This process's own stdout and stderr. A reader that went away ends the process quietly, as `| head` expects. */
export function processOutput(env: NodeJS.ProcessEnv = process.env): Output {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit();
    throw error;
  });
  const colourful = process.stdout.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb";
  return {
    print: (text) => void process.stdout.write(text),
    tell: (text) => void process.stderr.write(text),
    paint: colourful ? (colour, text) => `\x1b[${codes[colour]}m${text}\x1b[0m` : (_, text) => text,
  };
}

/** Keeps what was written; paints as `<colour>text</>` when asked to. */
export function keptOutput(options: { painted?: boolean } = {}): Output & { stdout: string; stderr: string } {
  return {
    stdout: "",
    stderr: "",
    print(text) {
      this.stdout += text;
    },
    tell(text) {
      this.stderr += text;
    },
    paint: (colour, text) => (options.painted ? `<${colour}>${text}</>` : text),
  };
}
