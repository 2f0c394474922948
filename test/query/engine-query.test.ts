import { afterAll, beforeAll, expect, test } from "vitest";
import { spark } from "../../src/systems/index.ts";
import { openEngineQuery } from "../../src/query/engine-query.ts";
import { openLakehouse } from "../../src/run/lakehouse.ts";
import { statePaths } from "../../src/run/state.ts";
import { temporaryFolder } from "../run/temporary.ts";
import { startSpark, type Spark } from "../servers/spark.ts";

let server: Spark;
beforeAll(async () => {
  server = await startSpark();
}, 600_000);
afterAll(() => server.stop());

test("an engine answers questions by bare names, and a question changes nothing", async () => {
  const environment = { bindings: { engine: spark({ url: server.url }) } };
  const paths = statePaths(temporaryFolder(), "cluster");
  const lakehouse = await openLakehouse({ environment, paths, namespace: "shop" });
  await lakehouse.engine.write({
    table: "orders",
    columns: [
      { name: "id", type: "bigint" },
      { name: "customer", type: "text" },
    ],
    mode: "replace",
    key: [],
    query: "SELECT * FROM VALUES (1L, 'ada'), (2L, 'max') AS v(id, customer)",
    rejected: null,
    note: { run: "r", definition: "d", inputs: {}, position: null, fingerprint: null, fitted: null },
    began: performance.now(),
  });
  await lakehouse.close();

  const session = await openEngineQuery(environment, paths, "shop");
  try {
    expect(await session.ask("select * from orders order by id desc")).toEqual({
      columns: ["id", "customer"],
      types: ["BIGINT", "TEXT"],
      rows: [
        { id: 2, customer: "max" },
        { id: 1, customer: "ada" },
      ],
    });
    expect((await session.ask("select id from orders where false")).columns).toEqual(["id"]);
    expect((await session.ask("show tables")).rows).toMatchObject([{ tableName: "orders" }]);
    await expect(session.ask("delete from orders")).rejects.toThrow();
    await expect(session.ask("insert into orders values (3, 'eve')")).rejects.toThrow();
    await expect(session.ask("select 1) as a; drop table orders; select * from (select 1")).rejects.toThrow();
    expect((await session.ask("select count(*) as n from orders")).rows).toEqual([{ n: 2 }]);
  } finally {
    await session.close();
  }
}, 600_000);
