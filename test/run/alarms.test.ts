import { expect, test } from "vitest";
import { openAlarms, type AlarmKind, type Alarms } from "../../src/run/alarms.ts";
import { openJournal, type Journal } from "../../src/run/journal.ts";
import { temporaryFolder } from "./temporary.ts";

const journalIn = (folder: string): Journal => openJournal(`${folder}/journal.sqlite`);

function open(journal: Journal, version: string = "1"): Alarms & { readonly shown: Map<AlarmKind, boolean> } {
  const shown = new Map<AlarmKind, boolean>();
  const alarms = openAlarms({
    endpoint: "delay",
    version,
    journal,
    run: "run-1",
    onChange: (kind, stands) => shown.set(kind, stands),
    note: () => undefined,
  });
  return { ...alarms, shown };
}

const told = (journal: Journal): readonly string[] =>
  journal.events().map(({ type, body }) => [type, body["alert"] ?? body["of"], body["version"], body["by"]].filter(Boolean).join(" "));

test("an alarm stands while any of those who look says so, and is told once when it begins and once when it ends", () => {
  using journal = journalIn(temporaryFolder());
  const alarms = open(journal);
  expect([...alarms.shown.values()]).toEqual([false, false, false, false]);
  const see = (by: "newest" | "window", over: boolean): void =>
    alarms.see({ kind: "drift", by, over, because: over ? "drifts" : "is back", body: { rows: 500 } });
  see("newest", false);
  expect(told(journal)).toEqual([]);
  for (const each of [1, 2, 3]) see("newest", each > 0);
  see("window", true);
  see("newest", false);
  expect(alarms.shown.get("drift")).toBe(true);
  expect(told(journal)).toEqual(["drift.detected inputs 1 newest", "alert.raised drift 1 newest"]);
  expect(journal.events()[1]?.body).toMatchObject({ because: "drifts", rows: 500 });
  see("window", false);
  expect(told(journal).slice(2)).toEqual(["drift.recovered inputs 1 window", "alert.resolved drift 1 window"]);
  expect(alarms.shown.get("drift")).toBe(false);
});

test("what stood when a process ended stands on in the next, until the same one says that it is over", () => {
  const folder = temporaryFolder();
  using journal = journalIn(folder);
  open(journal).see({ kind: "performance", by: "labels", over: true, because: "worse" });
  const next = open(journal);
  expect(next.shown.get("performance")).toBe(true);
  next.see({ kind: "performance", by: "estimate", over: false, because: "as expected" });
  next.see({ kind: "performance", by: "labels", over: true, because: "worse" });
  expect(told(journal)).toEqual(["alert.raised performance 1 labels"]);
  next.see({ kind: "performance", by: "labels", over: false, because: "better" });
  expect(told(journal).at(-1)).toBe("alert.resolved performance 1 labels");
});

test("another version ends what stood against the one before, now or by the time that a process begins", () => {
  using journal = journalIn(temporaryFolder());
  const alarms = open(journal);
  alarms.see({ kind: "prediction-drift", by: "newest", over: true, because: "drift" });
  alarms.see({ kind: "quality", by: "newest", over: true, because: "unseen" });
  alarms.replace("2");
  expect(told(journal).slice(3)).toEqual([
    "drift.recovered predictions 1",
    "alert.resolved prediction-drift 1",
    "alert.resolved quality 1",
  ]);
  alarms.see({ kind: "quality", by: "newest", over: true, because: "unseen" });
  expect(told(journal).at(-1)).toBe("alert.raised quality 2 newest");
  const later = open(journal, "3");
  expect(told(journal).at(-1)).toBe("alert.resolved quality 2");
  expect(later.stands("quality")).toBe(false);
});

test("what nobody watches any more, as the endpoint is declared now, is over", () => {
  using journal = journalIn(temporaryFolder());
  open(journal).see({ kind: "drift", by: "newest", over: true, because: "drifts" });
  const judges = (kind: AlarmKind, by: string): boolean => kind === "drift" && by === "window";
  const later = openAlarms({
    endpoint: "delay",
    version: "1",
    journal,
    run: "run-2",
    judges,
    onChange: () => undefined,
    note: () => undefined,
  });
  expect(later.stands("drift")).toBe(false);
  expect(journal.events().at(-1)).toMatchObject({ type: "alert.resolved", body: { because: "nobody watches it any more" } });
});
