import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { startCatalog } from "../../src/lake/catalog/start.ts";
import { icebergCatalog, memoryCatalog, startTrino } from "./trino.ts";

test("a real Trino computes, and writes and reads the tables of our catalog in a local folder", async () => {
  await using end = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "trino-lake-"));
  end.defer(() => rm(directory, { recursive: true }));
  const catalog = await startCatalog({ directory });
  end.defer(() => catalog.stop());
  const trino = await startTrino({
    catalogs: { memory: memoryCatalog, lake: icebergCatalog({ url: catalog.url, token: catalog.token, files: "local" }) },
  });
  end.defer(() => trino.stop());

  expect(await trino.ask("select 9007199254740993 as b, timestamp '2013-03-10 07:03:00.123456' as t, decimal '1.50' as d")).toEqual({
    columns: [
      { name: "b", type: "bigint" },
      { name: "t", type: "timestamp(6)" },
      { name: "d", type: "decimal(3, 2)" },
    ],
    rows: [["9007199254740993", "2013-03-10 07:03:00.123456", "1.50"]],
  });
  await expect(trino.ask("select gone")).rejects.toThrow(/COLUMN_NOT_FOUND[^]*select gone/);

  // Without a location of the schema Trino lets the catalog choose the table's, and then refuses it as not empty.
  await trino.ask(`create schema lake.shop with (location = '${pathToFileURL(join(directory, "lake/shop")).href}')`);
  await trino.ask("create table lake.shop.t (id bigint, name varchar) with (partitioning = array['bucket(id, 2)'])");
  await trino.ask("insert into lake.shop.t values (1, 'a'), (2, null)");
  await trino.ask("delete from lake.shop.t where id = 1");
  expect((await trino.ask("select * from lake.shop.t")).rows).toEqual([[2, null]]);
}, 600_000);
