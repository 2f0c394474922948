import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readHistory } from "../../../src/lake/catalog/heads.ts";
import { readMetadata } from "../../../src/lake/catalog/metadata.ts";
import { layoutOf } from "../../../src/lake/layout.ts";
import { noteOf } from "../../../src/lake/note.ts";
import { statePaths } from "../../../src/run/state.ts";
import { spark } from "../../../src/systems/spark.ts";
import { eventsPlatform, expectEqual, openEvents } from "../../run/events.ts";
import { startSpark, type Spark } from "../../servers/spark.ts";

let server: Spark;

beforeAll(async () => {
  server = await startSpark();
}, 600_000);

afterAll(() => server?.stop());

test("Spark makes parts as DuckDB does: laid out, only what has changed, one snapshot of whole files each, equal to the whole", async () => {
  const shop = openEvents();
  const insert = (id: number, day: number, amount = 5) =>
    shop.source(`INSERT INTO events VALUES (${id}, '2026-01-0${day}T0${id % 9}:30:00Z', 'ada', ${amount})`);
  for (let id = 0; id < 9; id += 1) insert(id, 1 + (id % 3));
  const definition = eventsPlatform({ engine: spark({ url: server.url }) });
  const first = await shop.run(definition);
  expect(first.outcome, first.results.map(({ detail }) => detail).join("\n")).toBe("succeeded");
  expect(first.detail("events_parted")).toBe("3 parts made, 0 as they were");
  await expectEqual(shop);
  const metadata = readMetadata(readFileSync(fileURLToPath(shop.heads().get("events_parted")?.metadataLocation ?? "")));
  expect(layoutOf(metadata)).toMatchObject({
    partition: [{ column: "at", transform: "day", size: null }],
    sort: [{ column: "id", descending: false }],
  });

  insert(20, 2, 7);
  insert(21, 2, 1000);
  const second = await shop.run(definition);
  expect(second.detail("events_parted")).toBe("2 parts made, 1 as they were");
  await expectEqual(shop);
  const history = readHistory(statePaths(shop.directory, "local").state, "shop", "events_parted");
  expect(history.flatMap(({ summary }) => noteOf(summary)?.part ?? [])).toHaveLength(5);
  expect(history.at(-1)?.summary).toMatchObject({ "total-data-files": "3", "total-delete-files": "0" });
}, 600_000);
