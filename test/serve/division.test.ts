import { expect, test } from "vitest";
import type { JournalEvent } from "../../src/run/journal.ts";
import { divisionOf, earlierDivision, divisionText } from "../../src/serve/division.ts";

/** A journal with releases (a number: the version) and divisions. */
function told(
  ...story: readonly (number | { readonly shares: Readonly<Record<string, number>>; readonly champion: number; readonly back?: true })[]
) {
  const all = story.map((one, index): JournalEvent => ({
    sequence: index + 1,
    time: "2026-01-01T00:00:00.000Z",
    asset: "delay",
    run: null,
    hash: "",
    ...(typeof one === "number"
      ? { type: "endpoint.released", body: { version: one } }
      : {
          type: "endpoint.shared",
          body: { shares: one.shares, champion: one.champion, cause: one.back === true ? "rolled-back" : "shared" },
        }),
  }));
  return { events: ({ type }: { readonly type?: string } = {}) => all.filter((event) => type === undefined || event.type === type) };
}

test("the champion gets all, until a person says otherwise, and again when the champion moves", () => {
  expect(divisionOf(told(1), "delay", 1)).toEqual({ "1": 100 });
  const shared = told(1, { shares: { "1": 90, "2": 10 }, champion: 1 });
  expect(divisionOf(shared, "delay", 1)).toEqual({ "1": 90, "2": 10 });
  expect(divisionOf(shared, "delay", 2)).toEqual({ "2": 100 });
  expect(divisionText(divisionOf(shared, "delay", 1))).toBe("version 1 90 %, version 2 10 %");
});

test("going back leads from division to division, through releases, to the first", () => {
  expect(earlierDivision(told(1), "delay", 1)).toBeNull();
  // A release that nobody told of yet, too.
  expect(earlierDivision(told(1), "delay", 2)).toEqual({ "1": 100 });
  const canary = { shares: { "1": 90, "2": 10 }, champion: 1 };
  const half = { shares: { "1": 50, "2": 50 }, champion: 1 };
  expect(earlierDivision(told(1, canary), "delay", 1)).toEqual({ "1": 100 });
  expect(earlierDivision(told(1, canary, half), "delay", 1)).toEqual(canary.shares);
  expect(earlierDivision(told(1, canary, half, { ...canary, back: true }), "delay", 1)).toEqual({ "1": 100 });
  expect(
    earlierDivision(told(1, canary, half, { ...canary, back: true }, { shares: { "1": 100 }, champion: 1, back: true }), "delay", 1),
  ).toBeNull();
  expect(earlierDivision(told(1, canary, 2), "delay", 2)).toEqual(canary.shares);
});
