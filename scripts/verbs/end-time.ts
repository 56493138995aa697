// When a pause ends, as it is typed: a moment, a time of day, or a length of time. Strict: a typo must not be a pause for ever.

const units: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 };
const longestMs = 30 * 86_400_000;

/** `2h`, `90m`, `1h30m`, `2d`: in milliseconds. */
export function lengthOfTime(input: string): number {
  const parts = [...input.matchAll(/(\d{1,6})([dhms])/g)];
  const ms = parts.reduce((all, [, number, unit]) => all + Number(number) * (units[unit ?? ""] ?? 0), 0);
  const whole = parts.map(([text]) => text).join("") === input;
  if (whole && ms > 0 && ms <= longestMs) return ms;
  throw new Error(`${JSON.stringify(input)} is no length of time up to 30 days, like 2h, 90m or 1h30m`);
}

/** `2026-11-24T18:00:00Z`, or `18:00`: the next time that it is so late here. In milliseconds since the Unix epoch. */
export function momentAfter(now: number, input: string): number {
  const clock = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(input);
  const at = clock === null ? fullMoment(input) : nextTime(now, Number(clock[1]), Number(clock[2]));
  if (Number.isFinite(at) && at > now && at - now <= longestMs) return at;
  const example = new Date(now + 2 * 3_600_000).toISOString().slice(0, 16);
  throw new Error(`${JSON.stringify(input)} is no time within the next 30 days, like ${example}Z or 18:00`);
}

/** A day alone could mean its begin or its end. */
const fullMoment = (input: string): number =>
  /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(input) ? Date.parse(input.replace(" ", "T")) : Number.NaN;

function nextTime(now: number, hours: number, minutes: number): number {
  const at = new Date(now);
  at.setHours(hours, minutes, 0, 0);
  if (at.getTime() <= now) at.setDate(at.getDate() + 1);
  return at.getTime();
}
