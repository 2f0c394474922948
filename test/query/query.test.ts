import { expect, test } from "vitest";
import { openQuery, type QuerySession } from "../../src/query/query.ts";
import { statePaths } from "../../src/run/state.ts";
import { csvText, tableText } from "../../src/cli/table.ts";
import { openShop } from "../run/shop.ts";
import { temporaryFolder } from "../run/temporary.ts";

async function asking<T>(directory: string, work: (session: QuerySession) => Promise<T>): Promise<T> {
  const session = await openQuery({ bindings: {} }, statePaths(directory, "local"), "shop");
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

test("a bare name is the warehouse's table, else the lake's; both have full names; a snapshot is read by its number", async () => {
  const shop = openShop();
  await shop.run();
  const first = shop.snapshots()["orders"] ?? "";
  shop.source("INSERT INTO orders VALUES (6, 'max', 1, '2026-01-08T08:00:00Z')");
  // The lake's table moves on, the warehouse's stays.
  await shop.run(undefined, { assets: ["orders"] });
  await asking(shop.directory, async (session) => {
    const rows = async (sql: string) => (await session.ask(sql)).rows;
    expect(await rows("select count(*) as n from orders")).toEqual([{ n: 6 }]);
    expect(await rows(`select count(*) as n from orders at (version => ${first})`)).toEqual([{ n: 5 }]);
    const sales = [
      { country: "DE", orders: 2 },
      { country: "GB", orders: 2 },
    ];
    for (const name of ["sales", "warehouse.main.sales", "lake.shop.sales"])
      expect(await rows(`select country, orders from ${name} order by country`)).toEqual(sales);
    expect(
      await rows(
        "select o.customer, s.orders from orders o join customers c on o.customer = c.name join sales s using (country) where o.id = 2",
      ),
    ).toEqual([{ customer: "max", orders: 2 }]);
  });
});

test("numbers, times and everything else look in JSON and CSV as documented", async () => {
  await asking(temporaryFolder(), async (session) => {
    const result =
      await session.ask(`select 9007199254740993::bigint as big, 12::bigint as small, 1.50::decimal(9,2) as money, 'NaN'::double as nan,
      timestamp '2026-01-05 09:30:00.123456' as at, date '2026-01-05' as day, [1, 2] as list, {'a': 'x,y'} as struct, '\\xAA'::blob as bytes, true as yes, null as nothing`);
    expect(result.rows).toEqual([
      {
        big: "9007199254740993",
        small: 12,
        money: "1.50",
        nan: null,
        at: "2026-01-05T09:30:00.123456Z",
        day: "2026-01-05",
        list: "[1,2]",
        struct: '{"a":"x,y"}',
        bytes: "\\xAA",
        yes: true,
        nothing: null,
      },
    ]);
    expect(csvText(result)).toBe(
      'big,small,money,nan,at,day,list,struct,bytes,yes,nothing\n9007199254740993,12,1.50,,2026-01-05T09:30:00.123456Z,2026-01-05,"[1,2]","{""a"":""x,y""}",\\xAA,true,\n',
    );
    expect(tableText(await session.ask("select 'a' as name, 1 as number union all select 'long name', 1000 order by number"))).toBe(
      "name       number\n---------  ------\na               1\nlong name    1000\n2 rows\n",
    );
  });
});

test("a question changes nothing, in the lake or in the warehouse", async () => {
  const shop = openShop();
  await shop.run();
  const before = shop.snapshots();
  await asking(shop.directory, async (session) => {
    for (const sql of [
      "insert into orders values (9, 'x', 1, now())",
      "delete from orders",
      "drop table lake.shop.orders",
      "delete from sales",
      "create table mine as select 1",
    ]) {
      await expect(session.ask(sql)).rejects.toThrow(/read-only/);
    }
    await expect(session.ask("select 1; delete from orders")).rejects.toMatchObject({ problem: { code: "several-statements" } });
    await expect(session.ask("select nope from orders")).rejects.toMatchObject({
      problem: { code: "query-failed", what: expect.stringContaining('"nope" not found') },
    });
  });
  expect(shop.snapshots()).toEqual(before);
});

test("an environment that has not run yet answers, and has no tables", async () => {
  await asking(temporaryFolder(), async (session) => {
    expect((await session.ask("show tables")).rows).toEqual([]);
    await expect(session.ask("select * from orders")).rejects.toThrow("Table with name orders does not exist");
  });
});
