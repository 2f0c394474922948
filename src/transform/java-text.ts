/** Ways to write a double, as SQL. */
interface DoubleTexts {
  /** Java's own, which has an exponent from 1e7 on and below 0.001: `1.0E7`, `1.5E-4`. */
  readonly java: string;
  /** Without an exponent, with 21 digits after the point. */
  readonly decimal: string;
  /** As a whole number. */
  readonly whole: string;
  /** A text as a literal. */
  text(value: string): string;
}

/** A double in our spelling, for engines that run on Java. */
export function javaDoubleText(value: string, { java, decimal, whole, text }: DoubleTexts): string {
  const scientific = [
    ["(\\.0)?E-([0-9])$", "e-0$2"],
    ["(\\.0)?E-([0-9]+)$", "e-$2"],
    ["(\\.0)?E([0-9]+)$", "e+$2"],
  ].reduce((result, [pattern = "", by = ""]) => `regexp_replace(${result}, ${text(pattern)}, ${text(by)})`, java);
  return [
    `case when ${value} = floor(${value}) and abs(${value}) < 1e16 then concat(${whole}, '.0')`,
    `when abs(${value}) >= 1e7 and abs(${value}) < 1e16 or abs(${value}) >= 1e-4 and abs(${value}) < 1e-3 then regexp_replace(${decimal}, '0+$', '')`,
    `else ${scientific} end`,
  ].join(" ");
}
