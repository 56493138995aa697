// docs/problems.md: every coded problem and every exit code, made from the registry. Pure: it writes nothing.

import { exitCodes } from "../../infra/core/exit-codes.ts";
import type { ProblemDefinition, Severity } from "../../infra/core/problem-definition.ts";
import { problems } from "../../infra/core/problems.ts";

/** What each severity means; `status` ends with the worst that is seen. Worst first. */
const severities: Readonly<Record<Severity, readonly [title: string, meaning: string]>> = {
  doubled: ["Doubled", "More than one may be heard. The worst that can be seen: `natsby status` ends with 2."],
  silent: ["Silent", "Nobody is heard. `natsby status` ends with 2."],
  unknown: [
    "Unknown",
    "Something could not be seen, and what is not seen is not called ok. `natsby status` ends with 2.",
  ],
  degraded: ["Degraded", "The right one is heard, and not everywhere or not safely. `natsby status` ends with 2."],
  drift: ["Drift", "What runs, or would run next, is not what was asked. `natsby status` ends with 2."],
  note: ["Notes", "Nothing is wrong. `natsby status` ends with 0."],
  stopped: ["What ends a run", "An error of natsby or of `pulumi up`. Each says in its first line what it ended with."],
};

const endings: Readonly<Record<keyof typeof exitCodes, string>> = {
  done: "done, or nothing to do",
  internal: "a bug in natsby, with a stack; Pulumi itself ends with 1 whatever went wrong",
  drift: "drift, doubled messages, or a verdict that is not ok",
  refused: "refused: nothing was changed",
  notProved: "a detach or a fence was not proved: nothing was attached, and the old publisher may still be heard",
  nobodyActive: "every upstream was seen without a link: nobody is heard",
  incomplete: "attached with something left to do, or rolled back: the old publisher is heard again",
  locked: "another run holds the lock, or a newer one took over",
  usage: "the command line was wrong",
};

/** The whole page. */
export function problemsPage(): string {
  const lines = [
    "# Problems, by their code",
    "",
    "Made from the code by `npm run docs`. `natsby status` shows the code of what it sees in brackets, `--json` has it as `code`, and",
    "an error names it in its last line. Codes and exit codes are a promise to scripts: they are not renamed. Words in braces are",
    "filled in.",
    "",
    "| exit code | means |",
    "|---|---|",
    ...Object.entries(endings).map(([name, means]) => `| ${exitCodes[name as keyof typeof exitCodes]} | ${means} |`),
    ...Object.entries(severities).flatMap(([severity, [title, meaning]]) => [
      ...["", `## ${title}`, "", meaning],
      ...Object.entries<ProblemDefinition>(problems)
        .filter(([, definition]) => definition.severity === severity)
        .flatMap(([code, definition]) => ["", ...entry(code, definition)]),
    ]),
  ];
  return `${lines.join("\n")}\n`;
}

function entry(
  code: string,
  { severity, meaning, did, hint, exits = [exitCodes.refused] }: ProblemDefinition,
): readonly string[] {
  const ends = severity === "stopped" ? [`- **exit code**: ${exits.join(", or ")}`] : [];
  return [`### ${code}`, "", meaning, "", `- **natsby**: ${did}`, `- **try**: ${withCommands(hint)}`, ...ends];
}

const verbs = "adopt|doctor|failover|history|init|logs|pause|rejoin|resume|roll|status|switchover|topology|verify";
const flags = "(?: (?:--[a-z]+|[{<][a-z]+[}>]|local))*";
const command = new RegExp(
  [
    'eval "\\$\\(npx natsby env\\)"',
    `natsby (?:${verbs})${flags}`,
    "(?:NATSBY_CACHE=\\S+ )?npm (?:start|stop)",
    "git pull",
    "pulumi (?:up|preview(?: --diff)?|config set(?: [\\w{}]+(?: [\\w{}]+| <\\w+>)?)?)",
    "kill(?: -CONT)? [{<]pid[}>]",
    "ps -o [a-z,]+(?: -C node)?",
    "ls -ld",
  ].join("|"),
  "g",
);

/** Prose with its commands marked as such; nothing in it is taken for a tag. */
function withCommands(text: string): string {
  const spans = [...text.matchAll(command)];
  const ends = [0, ...spans.map((span) => span.index + span[0].length)];
  const prose = ends.map((end, index) => text.slice(end, spans[index]?.index).replaceAll("<", "&lt;"));
  return prose.map((words, index) => (spans[index] === undefined ? words : `${words}\`${spans[index][0]}\``)).join("");
}
