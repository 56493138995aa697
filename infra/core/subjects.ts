// NATS subjects as the config may name them: what a publisher may publish, wildcards allowed.

/** Longer subjects do not fit a server's control line with room to spare. */
const longestSubject = 255;

/** What is wrong with a subject, in words that follow it; null where nothing is. */
export function subjectProblem(subject: string): string | null {
  if (subject === "") return "is empty";
  if (subject.length > longestSubject) return `has more than ${longestSubject} characters`;
  if (/[\s\p{C}]/u.test(subject)) return "has a space or a character that cannot be seen";
  const tokens = subject.split(".");
  if (tokens.includes("")) return "has an empty part: no dot may stand first, last or beside another";
  if (tokens[0]?.startsWith("$")) return "starts with $: such subjects are the servers' own";
  if (tokens[0] === "_INBOX") return "starts with _INBOX: such subjects are for replies";
  if (tokens.some((token) => token.length > 1 && /[*>]/.test(token))) return "has * or > beside other characters";
  if (tokens.slice(0, -1).includes(">")) return "has > before its end";
  return null;
}

/**
 * The subjects that the reference publisher publishes on: a wildcard cannot be published on, so each `*` or `>` becomes
 * `all` (`md.>` is published as `md.all`). One that comes out twice is published once.
 */
export function concreteSubjects(subjects: readonly string[]): readonly string[] {
  const concrete = subjects.map((subject) => subject.split(".").map((token) => (/^[*>]$/.test(token) ? "all" : token)));
  return [...new Set(concrete.map((tokens) => tokens.join(".")))];
}

/** The subjects without those that another one covers: subscribing to both would deliver a message twice. */
export function withoutCovered(subjects: readonly string[]): readonly string[] {
  const unique = [...new Set(subjects)];
  return unique.filter((subject) => !unique.some((other) => other !== subject && covers(other, subject)));
}

/** One of several subscriptions, and which of the messages that it delivers count. */
export interface Subscription {
  readonly pattern: string;
  counts(subject: string): boolean;
}

/** What to subscribe to so that each message counts once: where two patterns overlap it comes by both, and the first counts it. */
export function subscriptionsTo(subjects: readonly string[]): readonly Subscription[] {
  const patterns = withoutCovered(subjects);
  return patterns.map((pattern, index) => {
    const earlier = patterns.slice(0, index);
    return { pattern, counts: (subject) => !earlier.some((other) => covers(other, subject)) };
  });
}

/** Whether every subject that `narrow` matches is matched by `wide` too. */
export function covers(wide: string, narrow: string): boolean {
  const [wides, narrows] = [wide.split("."), narrow.split(".")];
  for (const [index, token] of wides.entries()) {
    if (token === ">") return narrows.length > index;
    const against = narrows[index];
    if (against === undefined || against === ">") return false;
    if (token !== "*" && token !== against) return false;
  }
  return wides.length === narrows.length;
}
