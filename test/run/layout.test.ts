import { expect, test } from "vitest";
import { environment, platform, source, table, type Definition } from "../../src/index.ts";
import { environmentOf } from "../../src/run/bind.ts";
import { statusOf } from "../../src/run/status.ts";
import { sqlite } from "../../src/systems/index.ts";
import { openShop } from "./shop.ts";

/** Orders and their copy, both laid out by a day or a month, or not at all. */
function laidOut(by: "day" | "month" | null): Definition {
  const partition = by === "month" ? ({ month: "at" } as const) : ({ day: "at" } as const);
  const layout = by === null ? {} : { layout: { partition: [partition] } };
  const columns = { id: "bigint", customer: "text", amount: "double", at: "timestamp" } as const;
  const orders = source("ops").table("orders", { key: "id", cursor: "at", columns, ...layout });
  const copy = table("orders_copy", orders);
  return platform({
    name: "shop",
    assets: [by === null ? copy : copy.layout({ partition: [partition], fileSize: "64 MB" })],
    environments: { local: environment({ ops: sqlite({ file: "shop.sqlite" }) }) },
  });
}

test("a layout that changes is planned, carried out without computing a row, and then fresh; taking it away changes nothing", async () => {
  const shop = openShop();
  await shop.run(laidOut(null));
  const rows = await shop.ask("SELECT * FROM shop.orders_copy ORDER BY id");

  const daily = await shop.run(laidOut("day"));
  const reason = (layout: string, before: string) => `its layout changes from ${before} to ${layout}`;
  expect(daily.planned).toMatchObject([
    { asset: "orders", action: "update", reason: reason("day(at)", "no partitions") },
    { asset: "orders_copy", action: "update", reason: reason("day(at); files of 64 MB", "no partitions") },
  ]);
  expect(daily.detail("orders")).toContain("files that are there stay as they are");
  expect(shop.heads().get("orders_copy")).toMatchObject({ layout: "day(at); files of 64 MB", summary: { "total-data-files": "1" } });

  shop.source("INSERT INTO orders VALUES (6, 'ada', 3, '2026-01-08T09:00:00Z')");
  const rebuilt = await shop.run(laidOut("day"));
  expect(rebuilt.planned).toMatchObject([{ action: "check" }, { action: "update" }]);
  expect(shop.heads().get("orders_copy")?.summary).toMatchObject({ "total-data-files": "4" });

  const monthly = await shop.run(laidOut("month"));
  expect(monthly.outcomes).toEqual({ orders: "updated", orders_copy: "updated" });
  const away = await shop.run(laidOut(null));
  expect(away.outcomes).toEqual({ orders: "unchanged", orders_copy: "unchanged" });
  const { assets } = statusOf({
    definition: laidOut("month"),
    environment: environmentOf(laidOut("month"), "local"),
    directory: shop.directory,
  });
  expect(assets.map(({ status }) => status)).toEqual(["fresh", "fresh"]);
  expect((await shop.ask("SELECT * FROM shop.orders_copy ORDER BY id")).slice(0, 5)).toEqual(rows);
});
