import { spawn } from "node:child_process";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { contentHash } from "../../../src/define/canonical.ts";
import { readHistory } from "../../../src/lake/catalog/heads.ts";
import { noteOf } from "../../../src/lake/note.ts";
import { openJournal, type JournalEvent } from "../../../src/run/journal.ts";
import { statePaths } from "../../../src/run/state.ts";
import { iceberg, local } from "../../../src/systems/index.ts";
import { openShop, outcomes, type Shop } from "../../run/shop.ts";
import { temporaryFolder } from "../../run/temporary.ts";
import { startIcebergRest } from "../../servers/iceberg-rest.ts";
import { lose, shopRows, shopWith, type ShopPlace } from "./shop.ts";

/** A catalog of others with nothing in it. */
async function startOutside(): Promise<ShopPlace> {
  const warehouse = join(temporaryFolder(), "warehouse");
  const { url, stop } = await startIcebergRest({ warehouse: `file://${warehouse}` });
  onTestFinished(stop);
  return { url, warehouse };
}

const bound = ({ url, warehouse }: ShopPlace) => shopWith({ catalog: iceberg({ url }), lake: local({ directory: warehouse }) });
const ownRows = (shop: Shop) => shopRows(shop.directory, shopWith({}));
const later = "INSERT INTO orders VALUES (6, 'max', 5, '2026-01-09T00:00:00Z'), (7, 'max', -5, '2026-01-09T01:00:00Z')";
const essence = (events: readonly JournalEvent[]) =>
  events
    .map(({ type, time, asset, run, body }) => ({ type, time, asset, run, body }))
    .toSorted((a, b) => (contentHash(a) < contentHash(b) ? -1 : 1));

describe("a platform whose tables a catalog of others keeps (Apache Iceberg's own REST catalog)", { timeout: 240_000 }, () => {
  test("has the same tables as with our own catalog: made, merged, replaced and put aside", async () => {
    const definition = bound(await startOutside());
    const [shop, own] = [openShop(), openShop()];
    await own.run();
    expect((await shop.run(definition)).outcomes).toEqual(outcomes("created"));
    expect(await shopRows(shop.directory, definition)).toEqual(await ownRows(own));
    expect((await shop.run(definition)).outcomes).toEqual(outcomes("unchanged"));
    for (const each of [shop, own]) each.source(later);
    await own.run();
    await shop.run(definition);
    const rows = await shopRows(shop.directory, definition);
    expect(Object.keys(rows)).toContain("orders_clean_quarantine");
    expect(rows).toEqual(await ownRows(own));
    expect((await shop.run(definition)).outcomes).toEqual(outcomes("unchanged"));
    const { state } = statePaths(shop.directory, "local");
    expect(readHistory(state, "shop", "orders_clean").map(({ operation }) => operation)).toEqual(["append", "overwrite"]);
  });

  test("finds its tables and its journal again when catalog.sqlite and journal.sqlite are lost", async () => {
    const definition = bound(await startOutside());
    const shop = openShop();
    await shop.run(definition);
    shop.source(later);
    await shop.run(definition);
    const before = shop.events({ type: "asset.committed" });
    const snapshots = shop.snapshots();
    lose(shop.directory, "catalog", "journal");
    const again = await shop.run(definition);
    // Of a metric nothing is kept but in the journal.
    expect(again.outcomes).toEqual(outcomes("unchanged", { orders_total: "created" }));
    expect(shop.snapshots()).toEqual(snapshots);
    expect(essence(shop.events({ type: "asset.committed" }))).toEqual(essence(before));
    using journal = openJournal(statePaths(shop.directory, "local").journal);
    expect(journal.verify()).toBeNull();
  });

  test("takes over what another machine has made in the outside catalog", async () => {
    const place = await startOutside();
    const [shop, other] = [openShop(), openShop()];
    await shop.run(bound(place));
    // The same platform on another machine, whose source is further.
    other.source(later);
    await other.run(bound(place));
    shop.source(later);
    const again = await shop.run(bound(place));
    expect(again.outcomes).toMatchObject({ orders: "unchanged", orders_clean: "unchanged", sales: "unchanged" });
    expect(shop.snapshots()).toEqual(other.snapshots());
    expect(await shopRows(shop.directory, bound(place))).toEqual(await shopRows(other.directory, bound(place)));
  });
});

describe("a run on a catalog of others that is killed", { timeout: 240_000 }, () => {
  test("at every commit point, of its own or of the gateway, goes on to the tables of an undisturbed run", async () => {
    const place = await startOutside();
    const own = openShop();
    await own.run();
    own.source(later);
    await own.run();
    const shop = openShop();
    await shop.run(bound(place));
    shop.source(later);
    const points = [
      "position-noted",
      "catalog-committed",
      "journal-written",
      "catalog-before-metadata:2",
      "catalog-after-metadata:2",
      "catalog-after-commit",
      "catalog-after-commit:2",
    ];
    for (const point of points) await runOnce(shop.directory, place, point);
    expect((await shop.run(bound(place))).outcome).toBe("succeeded");
    expect(await shopRows(shop.directory, bound(place))).toEqual(await ownRows(own));
    const told = shop.events({ type: "asset.committed" }).map(({ asset, body }) => `${asset} ${String(body["snapshot"])}`);
    expect(new Set(told).size).toBe(told.length);
    const { state } = statePaths(shop.directory, "local");
    for (const table of ["orders", "orders_clean", "sales"])
      for (const { id, summary } of readHistory(state, "shop", table))
        if (noteOf(summary) !== null) expect(told).toContain(`${table} ${id}`);
  });
});

/** One run in a process of its own, killed where it is told. */
async function runOnce(directory: string, place: ShopPlace, crash: string): Promise<void> {
  const script = join(import.meta.dirname, "run-shop.ts");
  const child = spawn(process.execPath, [script, directory, JSON.stringify(place)], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, MILLWRIGHT_CRASH: crash },
  });
  let words = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (words += text));
  const ended = await new Promise<string>((resolve) => child.once("close", (code, signal) => resolve(String(signal ?? code))));
  // The run itself is killed, or its gateway, and then it fails; a point that is not reached any more lets it succeed.
  expect(["SIGKILL", "1", "0"], words).toContain(ended);
}
