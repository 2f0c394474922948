import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { count, mean } from "../../src/define/aggregate.ts";
import { literal, when } from "../../src/define/expression.ts";
import { source } from "../../src/define/source.ts";
import { table } from "../../src/define/table.ts";
import { MillwrightError } from "../../src/error.ts";

const flights = source("ops").table("flights", {
  key: "id",
  cursor: "at",
  columns: { id: "bigint", origin: "text", at: "timestamp", delay: "double" },
});
const events = source("gates").table("gate_events", { name: "events", pattern: "{time:timestamp} {airport}" });

test("a source's table keeps what was declared, and a name of its own in the lake", () => {
  expect(flights.node).toEqual({
    kind: "source",
    layout: null,
    name: "flights",
    origin: flights.node.origin,
    source: "ops",
    table: "flights",
    key: ["id"],
    cursor: "at",
    pattern: null,
    columns: { id: "bigint", origin: "text", at: "timestamp", delay: "double" },
  });
  expect(events.node).toMatchObject({
    name: "events",
    table: "gate_events",
    key: [],
    cursor: null,
    pattern: "{time:timestamp} {airport}",
    columns: null,
  });
});

test("a table's node lists its operations, survives JSON unchanged, and names every table it reads once", () => {
  const built = table("features", flights)
    .dedupe("id", { newest: "at" })
    .fill({ delay: { forward: { by: "origin", order: "at" } }, origin: { constant: "EWR" } })
    .filter((f) => f.delay.greaterThan(-5).and(f.at.lessThan(new Date("2014-01-01T00:00:00Z"))))
    .lookback(events, { by: { origin: "airport" }, at: "at", time: "time", range: "2 hours", columns: () => ({ recent: count() }) })
    .join(flights, { on: "id", columns: { delay: "again" } })
    .load();
  expect(JSON.parse(JSON.stringify(built.node))).toEqual(built.node);
  expect(built.node.inputs).toEqual(["flights", "events"]);
  expect(built.dependencies).toEqual([flights, events]);
  expect(built.node.load).toBe(true);
  expect(built.node.operations).toEqual([
    { kind: "dedupe", keys: ["id"], newest: "at" },
    {
      kind: "fill",
      columns: {
        delay: { with: "forward", by: ["origin"], order: "at" },
        origin: { with: "constant", value: { kind: "literal", type: "text", value: "EWR" } },
      },
    },
    {
      kind: "filter",
      where: {
        kind: "call",
        function: "and",
        arguments: [
          {
            kind: "call",
            function: "greaterThan",
            arguments: [
              { kind: "column", name: "delay" },
              { kind: "literal", type: "integer", value: -5 },
            ],
          },
          {
            kind: "call",
            function: "lessThan",
            arguments: [
              { kind: "column", name: "at" },
              { kind: "literal", type: "timestamp", value: "2014-01-01 00:00:00" },
            ],
          },
        ],
      },
    },
    {
      kind: "lookback",
      table: "events",
      by: [{ left: "origin", right: "airport" }],
      at: "at",
      time: "time",
      until: null,
      seconds: 7200,
      columns: { recent: { kind: "aggregate", function: "count", value: null } },
    },
    { kind: "join", table: "flights", how: "left", on: [{ left: "id", right: "id" }], asOf: null, columns: { delay: "again" } },
  ]);
});

test("every step gives a new table, and nothing of a table can be changed", () => {
  const first = table("clean", flights);
  const second = first.drop("delay");
  expect(first.node.operations).toEqual([]);
  expect(second.node.operations).toHaveLength(1);
  for (const value of [first, first.node, second.node.operations, second.node.operations[0], flights, flights.node.key])
    expect(Object.isFrozen(value)).toBe(true);
  expect(() => Object.assign(second.node, { name: "other" })).toThrow(TypeError);
});

test("SQL says its dialects and the tables that it reads under its own names", () => {
  const busiest = table.sql("busiest", { f: flights, g: flights, e: events }, { duckdb: "select 1" }, { origin: "text" }).load();
  expect(busiest.node).toMatchObject({
    inputs: ["flights", "events"],
    operations: [],
    load: true,
    sql: { as: { f: "flights", g: "flights", e: "events" }, text: { duckdb: "select 1" }, columns: { origin: "text" } },
  });
});

test("values that cannot be literals and lengths of time that are none are refused where they are written", () => {
  const refused = (declare: () => unknown) => {
    try {
      declare();
    } catch (error) {
      if (error instanceof MillwrightError) return error.problem.code;
      throw error;
    }
    return null;
  };
  expect(refused(() => table("t", flights).filter((f) => f.delay.greaterThan(Number.NaN)))).toBe("bad-literal");
  expect(refused(() => literal("soon", "timestamp"))).toBe("bad-literal");
  expect(refused(() => table("t", flights).window({ order: "at", range: "0.5 seconds", columns: (f) => ({ m: mean(f.delay) }) }))).toBe(
    "bad-duration",
  );
  expect(literal("2013-01-01T02:00:00+02:00", "timestamp").node).toEqual({
    kind: "literal",
    type: "timestamp",
    value: "2013-01-01 00:00:00",
  });
  expect(literal("2013-01-01 02:00:00.5", "timestamp").node).toMatchObject({ value: "2013-01-01 02:00:00.500" });
  expect(literal(3_000_000_000).node).toEqual({ kind: "literal", type: "bigint", value: "3000000000" });
  expect(when(literal(true)).then(1).otherwise(null).node).toMatchObject({ kind: "case", otherwise: null });
});

test("a declaration knows the line of the user's file that made it, with types stripped and through helpers of his own", () => {
  const folder = mkdtempSync(join(tmpdir(), "millwright origin (1) "));
  try {
    const file = join(folder, "platform.ts");
    const define = fileURLToPath(new URL("../../src/define/", import.meta.url));
    writeFileSync(
      file,
      `import { source } from "${define}source.ts";
import { table } from "${define}table.ts";
interface Never { readonly mind: string }

const flights = source("ops").table("flights");
const clean = table(
  "clean", flights)
  .dedupe("id");
async function later(): Promise<void> {
  await null;
  const other = table("other", clean);
  console.log(JSON.stringify([flights, clean, other].map(({ node }) => node.origin)));
}
await later();
`,
    );
    const { stdout, stderr } = spawnSync(process.execPath, [file], { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual([
      { file, line: 5 },
      { file, line: 6 },
      { file, line: 11 },
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
