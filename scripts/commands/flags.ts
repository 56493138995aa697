// Flags that take a number, read strictly. A wrong one is a usage error that says what would be right.

/** A whole number of `unit`, at least one. */
export function wholeNumber(unit: string, most: number) {
  return (input: string): number => {
    const number = /^\d{1,9}$/.test(input) ? Number(input) : 0;
    if (number >= 1 && number <= most) return number;
    throw new Error(`${JSON.stringify(input)} is not a number of ${unit} from 1 to ${most}`);
  };
}

/** How long to listen. */
export const secondsFlag = (standard: string) =>
  ({
    kind: "parsed",
    parse: wholeNumber("seconds", 86_400),
    brief: "How long to listen",
    placeholder: "number",
    default: standard,
  }) as const;
