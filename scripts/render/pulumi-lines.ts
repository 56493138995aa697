// Which of Pulumi's lines a verb shows: ends of steps and everything said outside of them, not each begin and repeat. Pure.

/** A step's line: its sign, then type, name and state. */
const stepLine = /^\s?[ +~\-@]{1,2}\s+(?:natsby|command|pulumi):/;
const stepEnd = /\b(?:created|updated|deleted|failed|replaced)\b|\*\*/;
const dots = /^@ [a-z ]+\.*$/;

/** Takes text in any pieces and returns the whole lines of it that are worth showing. */
export function lineFilter(): (text: string) => string {
  let rest = "";
  return (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    return lines
      .filter(isWorthShowing)
      .map((line) => `${line}\n`)
      .join("");
  };
}

function isWorthShowing(line: string): boolean {
  if (dots.test(line.trim())) return false;
  return !stepLine.test(line) || stepEnd.test(line.replace(/\[diff:[^\]]*\]/, ""));
}
