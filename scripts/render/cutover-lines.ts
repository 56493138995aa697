// Of what `pulumi up` prints: the steps of the cutover as they happen, and the ends of other resources. Pure.

/** A line of the cutover's progress, as Pulumi's display repeats it; real changes of inputs stand in brackets before it. */
const stepOfCutover = /^\s?[ +~-]{1,2}\s+command:local:Command cutover-run \w+ \(\d+s\) (?:\[diff:[^\]]*\];? ?)?(.*)$/;
const endOfOther =
  /^\s?[ +~-]{1,2}\s+command:local:Command (\S+) (?:\*\*)?(created|updated|deleted|replaced|creating failed|updating failed)/;

/** Takes text in any pieces and returns the lines to show; a line that came twice is shown once. */
export function cutoverLines(): (text: string) => string {
  let rest = "";
  let last = "";
  return (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    const shown = lines.flatMap(lineOf).filter((line) => {
      const repeated = line === last;
      last = line;
      return !repeated;
    });
    return shown.map((line) => `  ${line}\n`).join("");
  };
}

function lineOf(line: string): readonly string[] {
  const step = stepOfCutover.exec(line)?.[1]?.trim();
  if (step) return [step];
  const end = endOfOther.exec(line);
  return end === null || end[1] === "cutover-run" ? [] : [`${end[1]} ${end[2]}`];
}
