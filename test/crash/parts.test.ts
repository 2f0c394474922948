import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { readHistory } from "../../src/lake/catalog/heads.ts";
import { noteOf } from "../../src/lake/note.ts";
import { openJournal } from "../../src/run/journal.ts";
import { statePaths } from "../../src/run/state.ts";
import { eventsPlatform, expectEqual, openEvents } from "../run/events.ts";

// A table of six parts is killed in the middle, as by a power cut or with its catalog; the next run makes the parts that are missing, and no other.

const script = fileURLToPath(new URL("./parts-once.ts", import.meta.url));

test.each([
  ["part-made:2", "SIGKILL"],
  ["data-written:5", "SIGKILL"],
  ["catalog-committed:4", "SIGKILL"],
  ["catalog-after-commit:7", 1],
] as const)("killed at %s and run again, each part was made once, and all are the whole", async (crash, end) => {
  const shop = openEvents();
  const rows = Array.from(
    { length: 24 },
    (_, index) => `(${index}, '2026-01-0${1 + (index % 6)}T0${index % 9}:30:00Z', 'ada', ${index * 4})`,
  );
  shop.source(`INSERT INTO events VALUES ${rows.join(", ")}`);
  const definition = eventsPlatform();
  const file = join(shop.directory, "definition.json");
  writeFileSync(file, JSON.stringify(definition));
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [script, shop.directory, file], {
    encoding: "utf8",
    env: { ...process.env, MILLWRIGHT_CRASH: crash },
  });
  expect(signal ?? status, `${stdout}${stderr}`).toBe(end);

  await shop.run(definition);
  await expectEqual(shop);
  const paths = statePaths(shop.directory, "local");
  const history = readHistory(paths.state, "shop", "events_parted");
  const made = history.flatMap(({ summary }) => noteOf(summary)?.part ?? []);
  expect(made.toSorted()).toEqual([1, 2, 3, 4, 5, 6].map((day) => `2026-01-0${day}`));
  expect(new Set(history.map(({ summary }) => summary["millwright.run"])).size).toBe(2);
  using journal = openJournal(paths.journal);
  expect(journal.verify()).toBeNull();
  const told = journal.events({ type: "asset.committed", asset: "events_parted" }).map(({ body }) => body["snapshot"]);
  expect(told.toSorted()).toEqual(history.map(({ id }) => id).toSorted());
});
