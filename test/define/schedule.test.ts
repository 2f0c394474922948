import { describe, expect, test } from "vitest";
import { dueAt, parseSchedule } from "../../src/define/schedule.ts";

const origin = { file: "platform.ts", line: 1 };
const due = (text: string, last: string): string => new Date(dueAt(parseSchedule(text, origin), Date.parse(last))).toISOString();

describe("what is due after it was last done", () => {
  test.for([
    ["daily at 03:00", "2026-03-01T02:59:30Z", "2026-03-01T03:00:00.000Z"],
    ["daily at 03:00", "2026-03-01T03:00:00Z", "2026-03-02T03:00:00.000Z"],
    ["weekly on sunday at 4:30", "2026-03-01T05:00:00Z", "2026-03-08T04:30:00.000Z"],
    ["every 6 hours", "2026-03-01T05:10:00Z", "2026-03-01T11:10:00.000Z"],
    ["0 3 * * *", "2026-02-28T03:00:00Z", "2026-03-01T03:00:00.000Z"],
    ["*/15 * * * *", "2026-03-01T00:14:59Z", "2026-03-01T00:15:00.000Z"],
    ["30 2 * * mon-fri", "2026-03-06T02:30:00Z", "2026-03-09T02:30:00.000Z"],
    ["0 0 29 2 *", "2026-03-01T00:00:00Z", "2028-02-29T00:00:00.000Z"],
    ["15,45 8-10/2 1 jan,jul *", "2026-01-01T10:45:00Z", "2026-07-01T08:15:00.000Z"],
    // Both days restricted: either will do, as in every cron.
    ["0 0 13 * 5", "2026-03-07T00:00:00Z", "2026-03-13T00:00:00.000Z"],
    ["0 0 13 * 5", "2026-03-13T00:00:00Z", "2026-03-20T00:00:00.000Z"],
    ["0 12 * * 7", "2026-03-02T00:00:00Z", "2026-03-08T12:00:00.000Z"],
  ] as const)("%s after %s", ([text, last, expected]) => {
    expect(due(text, last)).toBe(expected);
  });

  test("what was never done is due at once", () => {
    expect(dueAt(parseSchedule("daily at 03:00", origin), null)).toBe(0);
  });
});

test.for([
  "daily at 25:00",
  "nightly",
  "every 10 seconds",
  "60 * * * *",
  "* * * *",
  "0 0 30 2 *",
  "5-1 * * * *",
  "*/0 * * * *",
  "weekly on caturday at 03:00",
])("'%s' is refused with what to write instead", (text) => {
  expect(() => parseSchedule(text, origin)).toThrow(
    expect.objectContaining({ problem: expect.objectContaining({ code: "bad-schedule", where: origin }) }),
  );
});
