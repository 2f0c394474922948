import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openEngines, type TestEngine } from "./engines.ts";
import { cases } from "./meaning-cases.ts";
import { meaningOn, type Meaning } from "./meaning.ts";
import { randomCase } from "./random.ts";

let engines: readonly TestEngine[];
beforeAll(async () => {
  engines = await openEngines(["duckdb", "spark", "trino", "postgres"]);
}, 900_000);
afterAll(async () => {
  for (const engine of engines) await engine.stop();
});

/** One row a line. */
function text({ rows, refused }: Meaning): string {
  const lines = (values: readonly unknown[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join("");
  return `${lines(rows)}${refused.length === 0 ? "" : `refused\n${lines(refused)}`}`;
}

test.each(Object.entries(cases))(
  "DuckDB, Spark, Trino and PostgreSQL give the same: %s",
  async (name, { what, inputs, target }) => {
    for (const engine of engines) {
      const given = `${what}\n\n${text(await meaningOn(engine, target, inputs))}`;
      await expect(given, engine.dialect).toMatchFileSnapshot(join("meaning", `${name}.txt`));
    }
  },
  600_000,
);

test.each(Array.from({ length: 6 }, (_, index) => index + 1))(
  "DuckDB, Spark, Trino and PostgreSQL give the same of a random chain of operations over random tables, seed %i",
  async (seed) => {
    const { target, inputs } = randomCase(seed);
    const [first, ...others] = engines;
    if (first === undefined) throw new Error("no engine runs");
    const expected = text(await meaningOn(first, target, inputs));
    for (const engine of others) expect(text(await meaningOn(engine, target, inputs)), engine.dialect).toBe(expected);
  },
  600_000,
);
