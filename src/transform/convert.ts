import type { ColumnType } from "../define/column.ts";
import { printPattern, type Flavor } from "./pattern.ts";
import { spelledFalse, spelledTrue, spellings } from "./spelling.ts";

/** What an engine converts by. */
export interface Conversion {
  type(type: ColumnType): string;
  text(value: string): string;
  double(value: number): string;
  /** Without spaces at both ends. */
  trim(value: string): string;
  readonly pattern: Flavor;
  matches(value: string, pattern: string): string;
  /** A cast that gives null for what cannot be read or is too large, of texts, and of numbers; null where the engine's casts fail. */
  readonly attemptText: ((value: string, to: ColumnType) => string) | null;
  readonly attemptNumber: ((value: string, to: ColumnType) => string) | null;
  /** A type of numbers of any size, for engines without a cast of texts that gives null. */
  readonly exactNumber: string;
  /** A double in our spelling: `0.5`, `12.0`, `1e+20`, `1.5e-07`, `NaN`, `-Infinity`. */
  doubleText(value: string): string;
  /** `2013-03-10 07:03:00`, with a fraction only where there is one, without trailing zeros. */
  timestampText(value: string): string;
  /** A date or timestamp of a text in our spelling, without spaces around it; its offset from UTC is respected. */
  readDate(value: string): string;
  readTimestamp(value: string): string;
}

/** Conversions of every type into every other, null where a value cannot be read, with one meaning on all engines. */
export function converter(engine: Conversion): (value: string, from: ColumnType | null, to: ColumnType) => string {
  const { type, attemptText, attemptNumber } = engine;
  const spelled = (value: string, spelling: keyof typeof spellings, then: string): string =>
    `case when ${engine.matches(value, engine.text(printPattern(spellings[spelling], engine.pattern)))} then ${then} end`;
  const cast = (value: string, to: ColumnType): string => `cast(${value} as ${type(to)})`;

  const fromText = (value: string, to: ColumnType): string => {
    const trimmed = engine.trim(value);
    const words = (all: readonly string[]): string => `lower(${trimmed}) in (${all.map(engine.text).join(", ")})`;
    switch (to) {
      case "boolean":
        return `case when ${words(spelledTrue)} then true when ${words(spelledFalse)} then false end`;
      case "integer":
      case "bigint":
        return spelled(value, "whole", attemptText?.(trimmed, to) ?? within(exact(trimmed), to, engine));
      case "date":
        return spelled(value, attemptText === null ? "existingDate" : "date", engine.readDate(trimmed));
      case "timestamp":
        return spelled(value, attemptText === null ? "existingTimestamp" : "timestamp", engine.readTimestamp(trimmed));
      case "double": {
        if (attemptText === null) return spelled(value, "number", within(exact(trimmed), to, engine));
        // Some engines read a number that is too large as an infinity.
        const read = attemptText(trimmed, to);
        return spelled(value, "number", `case when abs(${read}) <= ${engine.double(Number.MAX_VALUE)} then ${read} end`);
      }
      default:
        return spelled(value, "number", attemptText?.(trimmed, to) ?? within(exact(trimmed), to, engine));
    }
  };
  const exact = (value: string): string => `cast(${value} as ${engine.exactNumber})`;

  return (value, from, to) => {
    if (from === to) return value;
    if (from === null) return cast(value, to);
    if (from === "text") return fromText(value, to);
    const [number, decimal] = [from === "integer" || from === "bigint" || from === "double", from.startsWith("decimal")];
    if (to === "text") {
      if (from === "boolean") return `case when ${value} then 'true' when not ${value} then 'false' end`;
      if (from === "double") return engine.doubleText(value);
      return from === "timestamp" ? engine.timestampText(value) : cast(value, to);
    }
    if (to === "boolean") return `${value} <> 0`;
    if (from === "boolean") return cast(`case when ${value} then 1 when not ${value} then 0 end`, to);
    if (!number && !decimal) return cast(value, to);
    if (to === "integer" || to === "bigint") {
      if (from === "integer") return cast(value, to);
      const narrow = attemptNumber?.(value, to) ?? within(value, to, engine);
      // Engines would round or cut: a fraction is not a whole number.
      return from === "bigint" ? narrow : `case when ${value} = floor(${value}) then ${narrow} end`;
    }
    if (to === "double") return cast(value, to);
    // What a double is closest to in decimal digits is what its text says.
    if (from === "double") {
      const text = engine.doubleText(value);
      return attemptText?.(text, to) ?? `case when abs(${value}) < ${engine.double(1e38)} then ${within(exact(text), to, engine)} end`;
    }
    return attemptNumber?.(value, to) ?? within(exact(value), to, engine);
  };
}

/** A number in a narrower type, null outside of it. */
function within(value: string, to: ColumnType, { type }: Conversion): string {
  const cast = `cast(${value} as ${type(to)})`;
  if (to === "integer") return `case when ${value} between -2147483648 and 2147483647 then ${cast} end`;
  // The largest bigint is no double: the next one stands outside.
  if (to === "bigint") return `case when ${value} >= -9223372036854775808 and ${value} < 9223372036854775808 then ${cast} end`;
  if (to === "double")
    return `case when abs(${value}) < 2.5e-324 then cast(0 as ${type(to)}) when abs(${value}) < 1.7976931348623158e308 then ${cast} end`;
  const [, precision = "38", scale = "0"] = /^decimal\((\d+),(\d+)\)$/.exec(to) ?? [];
  return `case when abs(round(${value}, ${scale})) < 1e${Number(precision) - Number(scale)} then ${cast} end`;
}
