import type { Comparison, PrintAggregate, PrintCall } from "./dialect.ts";
import type { Known } from "./expression-type.ts";

/** What several engines lack in the same way, printed by what they have. */

export const isWhole = (type: Known | undefined): boolean => type === "integer" || type === "bigint";

/** `least` and `greatest` where a null among the values would make null of the result: it is passed over. */
export const ofKnown =
  (name: string): PrintCall =>
  (values) =>
    `${name}(${values.map((value, index) => `coalesce(${[value, ...values.filter((_, other) => other !== index)].join(", ")})`).join(", ")})`;

/** The same, and NaN is the greatest of doubles. */
export const greatestOfKnown =
  (nan: string): PrintCall =>
  (values, types) => {
    const greatest = ofKnown("greatest")(values, types);
    return types.includes("double")
      ? `case when ${values.map((value) => `is_nan(${value})`).join(" or ")} then ${nan} else ${greatest} end`
      : greatest;
  };

/** The highest value where NaN is not taken for one. */
export const highestOr =
  (nan: string, any: string): PrintAggregate =>
  (value, over, type) =>
    type === "double" ? `case when ${any}(is_nan(${value}))${over} then ${nan} else max(${value})${over} end` : `max(${value})${over}`;

/** NaN is above all numbers and equal to itself, where the engine's own operators say that it is neither. @param finite whether `b` is a constant */
export function compareDoubles(operator: Comparison, a: string, b: string, finite: boolean): string {
  const [left, right] = [`is_nan(${a})`, `is_nan(${b})`];
  switch (operator) {
    case "=":
      return finite ? `${a} = ${b}` : `(${a} = ${b} or (${left} and ${right}))`;
    case "<>":
      return finite ? `${a} <> ${b}` : `(${a} <> ${b} and not (${left} and ${right}))`;
    case ">":
      return finite ? `(${a} > ${b} or ${left})` : `(${a} > ${b} or (${left} and not ${right}))`;
    case "<":
      return finite ? `${a} < ${b}` : `(${a} < ${b} or (${right} and not ${left}))`;
    case ">=":
      return finite ? `(${a} >= ${b} or ${left})` : `(${a} >= ${b} or (${left} and ${b} is not null))`;
    case "<=":
      return finite ? `${a} <= ${b}` : `(${a} <= ${b} or (${right} and ${a} is not null))`;
  }
}

/** The remainder of doubles where `%` is for exact numbers only. */
export const remainder =
  (asDouble: (value: string) => string): PrintCall =>
  ([a = "", b = ""], types) =>
    types.every(isWhole) ? `${a} % ${b}` : `${asDouble(a)} - ${asDouble(b)} * trunc(${asDouble(a)} / ${b})`;

/** Half away from zero at so many digits after the point, by an engine's way to round to a whole number. From 2^52 on all doubles are whole. */
export const roundedBy =
  (whole: (value: string) => string): PrintCall =>
  ([value = "", digits = "0"]) => {
    const places = Number(digits);
    const scale = `1e${Math.abs(places)}`;
    if (places < 0) return `${whole(`(${value} / ${scale})`)} * ${scale}`;
    const rounded = places === 0 ? whole(value) : `${whole(`(${value} * ${scale})`)} / ${scale}`;
    return `case when abs(${value}) < 4503599627370496 then ${rounded} else ${value} end`;
  };

/** Texts joined where the engine's own function would make null of all, or does not exist. */
export function joinedReasons(texts: readonly string[]): string {
  return `substring(${texts.map((text) => `coalesce('; ' || ${text}, '')`).join(" ||\n    ")}, 3)`;
}
