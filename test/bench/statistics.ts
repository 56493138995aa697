// Medians, 95th percentiles and maxima of what was measured. Pure.

/** What a list of measurements comes to. */
export interface Summary {
  readonly count: number;
  readonly median: number;
  readonly p95: number;
  readonly max: number;
}

/** The summary of at least one value. */
export function summarise(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    count: sorted.length,
    median: (at(sorted, Math.ceil(sorted.length / 2) - 1) + at(sorted, Math.floor(sorted.length / 2))) / 2,
    p95: at(sorted, Math.ceil(sorted.length * 0.95) - 1),
    max: at(sorted, sorted.length - 1),
  };
}

export const medianOf = (values: readonly number[]): number => summarise(values).median;

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** With as many digits as can be told apart on a machine with other things to do. */
export function rounded(value: number): string {
  if (!Number.isFinite(value)) return "-";
  return value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(value >= 10 ? 1 : 2);
}

function at(sorted: readonly number[], index: number): number {
  return sorted[index] ?? Number.NaN;
}
