import { expect, test } from "vitest";
import { dialectOf } from "../../src/transform/dialects.ts";
import { isUnambiguous, parsePattern, printPattern } from "../../src/transform/pattern.ts";

const java = { end: "\\z", boundary: ["\\b", "\\B"] } as const;
const told = (text: string, only?: number) => printPattern(parsePattern(text), java, only);

test("what engines read in several ways is written in the one way that they share", () => {
  expect(told("^N\\d+$")).toBe("^N[0-9]+\\z");
  expect(told("a.b")).toBe("a[^\\n]b");
  expect(told("[\\w.-]")).toBe("[\\--\\.0-9A-Z_a-z]");
  expect(told("[\\D5]")).toBe("[^0-46-9]");
  expect(told("(?i)ab[c-e]é")).toBe("[Aa][Bb][C-Ec-e]é");
  expect(told("x{2}y{2,}z{2,5}?")).toBe("x{2}y{2,}z{2,5}?");
});

test("for engines that give back one group, the others are not captured", () => {
  expect(told("(a)(b(c))", 3)).toBe("(?:a)(?:b(c))");
  expect(told("a|(b)", 0)).toBe("(a|(?:b))");
});

test("PostgreSQL, which looks for the longest match, extracts only where it is the first one too", () => {
  expect(["(AA|BB)+x", "([A-Z]+)([0-9]+)", "(.*) (.*)", "x|"].map((text) => isUnambiguous(parsePattern(text)))).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(["a|ab", "|a", "a+?b", "(ab)*a", "(a?)*"].map((text) => isUnambiguous(parsePattern(text)))).toEqual([
    false,
    false,
    false,
    false,
    false,
  ]);
  expect(() => dialectOf("postgres").extract("x", parsePattern("a|ab"), 0)).toThrow(/may differ on PostgreSQL/);
});

test.each(["(?=a)", "(?<n>a)", "\\1", "\\pL", "a**", "a++", "[a", "(a", "a)", "+", "[z-a]", "[a&&b]", "{2}", "\\", "^*"])(
  "%s is refused",
  (text) => {
    expect(() => parsePattern(text)).toThrow();
  },
);
