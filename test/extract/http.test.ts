import { expect, test } from "vitest";
import { retryAfter } from "../../src/extract/http.ts";
import { jsonText, parseJson } from "../../src/extract/json.ts";
import { newest } from "../../src/extract/newest.ts";
import { nextLink, valueAt } from "../../src/extract/pagination.ts";

test("Retry-After is seconds or a date", () => {
  const now = Date.UTC(2013, 0, 1);
  expect(retryAfter("120", now)).toBe(120_000);
  expect(retryAfter(new Date(now + 5000).toUTCString(), now)).toBe(5000);
  expect(retryAfter(new Date(now - 5000).toUTCString(), now)).toBe(0);
  expect(retryAfter("soon", now)).toBeNull();
  expect(retryAfter(null, now)).toBeNull();
});

test("the next page is found in every form of a Link header", () => {
  expect(nextLink('<https://a/x?page=2>; rel="next", <https://a/x?page=9>; rel="last"')).toBe("https://a/x?page=2");
  expect(nextLink('<https://a/x?a=1,2>; rel="prev", <https://a/x?a=3,4>; title="a; b, c"; rel="up next"')).toBe("https://a/x?a=3,4");
  expect(nextLink("</x>;rel=next")).toBe("/x");
  expect(nextLink('<https://a/x>; rel="last"')).toBeNull();
  expect(nextLink(null)).toBeNull();
});

test("64-bit integers of JSON survive, and other values are as JSON.parse gives them", () => {
  expect(parseJson('{"id":9007199254740993,"n":[1,-2.5,1234567890123456.5],"t":"9007199254740993"}')).toEqual({
    id: 9007199254740993n,
    n: [1, -2.5, 1234567890123456.5],
    t: "9007199254740993",
  });
  expect(jsonText(parseJson('{"a":[9007199254740993,null,"x"],"b":{}}'))).toBe('{"a":[9007199254740993,null,"x"],"b":{}}');
});

test("a path of names leads into objects and lists", () => {
  expect(valueAt({ a: { b: [{ c: 5 }] } }, "a.b.0.c")).toBe(5);
  expect(valueAt([1], "")).toEqual([1]);
  expect(valueAt({ a: null }, "a.b")).toBeUndefined();
});

test("the newest cursor keeps the source's spelling, compares as its type, and never falls back", () => {
  const times = newest("timestamp", "2013-01-01T12:00:00+02:00");
  for (const value of ["2013-01-01T09:00:00Z", "nonsense", null, "2013-01-01T10:30:00Z"]) times.see(value);
  expect(times.value()).toBe("2013-01-01T10:30:00Z");
  const numbers = newest("bigint", null);
  for (const value of ["9", "10", 9007199254740993n]) numbers.see(value);
  expect(numbers.value()).toBe("9007199254740993");
  const texts = newest("text", "b");
  texts.see("a");
  expect(texts.value()).toBe("b");
});
