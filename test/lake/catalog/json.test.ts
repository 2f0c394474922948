import { describe, expect, test } from "vitest";
import { canonicalJson, parseJson, printJson } from "../../../src/lake/catalog/json.ts";

describe("lossless JSON", () => {
  test("every integer comes back digit by digit", () => {
    for (const text of [
      "[9223372036854775807,-9223372036854775808,9007199254740993]",
      '{"a":{"b":[1,2,9007199254740991]}}',
      '{"id":7159834187018030014,"x":1.5,"y":1e+300}',
    ]) {
      expect(printJson(parseJson(text))).toBe(text);
    }
  });

  test("long digits inside texts and long fractions stay what they are", () => {
    const text = '{"a":"7159834187018030014","b":0.1234567890123456,"c":7159834187018030014}';
    expect(parseJson(text)).toEqual({ a: "7159834187018030014", b: 0.1234567890123456, c: 7159834187018030014n });
    expect(printJson(parseJson(text))).toBe(text);
  });

  test("the canonical text does not depend on the order of keys, or on nulls", () => {
    expect(canonicalJson({ b: 1, a: [{ d: 2n ** 63n, c: null }] })).toBe(canonicalJson({ a: [{ d: 2n ** 63n }], b: 1 }));
  });
});
