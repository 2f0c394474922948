import { expect, test } from "vitest";
import type { ColumnType } from "../../src/define/column.ts";
import * as DuckDB from "@duckdb/node-api";
import { converterOf } from "../../src/extract/convert.ts";
import { typedSql } from "../../src/extract/typed-sql.ts";
import { connect, openDuckDB } from "../../src/systems/duckdb/connection.ts";

const texts = [
  "1",
  "-5",
  "+3",
  "12.7",
  "1e3",
  "1_000",
  "0x10",
  " 5",
  "",
  "abc",
  "007",
  "2147483648",
  "9223372036854775807",
  "9223372036854775808",
  ".5",
  "5.",
  "-.5",
  "1.239",
  "123.45",
  "true",
  "F",
  "yes",
  "2013-02-28",
  "2013-02-29",
  "2013-1-1",
  "2013-01-01T00:00:00Z",
  "2013-01-01T10:15:00Z",
  "2013-01-01 10:15:00.123456",
  "2013-01-01T10:15:00.123456789Z",
  "2013-01-01T10:15Z",
  "2013-01-01T10:15:00+02:00",
  "2013-01-01T10:15:00-0130",
  "2013-01-01 10:15:00 UTC",
  "2013-01-01T24:00:00Z",
  "2013-01-01T24:00:01Z",
  "2013-01-01T10:15:00+01",
  "epoch",
  "infinity",
  "-Inf",
  "nan",
  "today",
  "20130101",
  "1969-12-31T23:59:59.5Z",
  "01/02/2013",
];

// Texts become values in two places: in SQL, and in the process for rows that a driver gives. They must agree.
test.each<ColumnType>(["boolean", "integer", "bigint", "double", "date", "timestamp", "decimal(5,2)", "text"])(
  "SQL and the stage agree on which texts are %s",
  async (type) => {
    const connection = await connect(await openDuckDB());
    const convert = converterOf(type, DuckDB);
    const reader = await connection.runAndReadAll(`SELECT t, ${typedSql(type, "t")} AS value FROM (SELECT unnest($1) AS t)`, {
      1: DuckDB.listValue(texts),
    });
    const inSql = Object.fromEntries(reader.getRows().map(([text, value]) => [String(text), value === null ? "none" : String(value)]));
    const inProcess = Object.fromEntries(
      texts.map((text) => [text, convert(text)]).map(([text, value]) => [String(text), value === undefined ? "none" : String(value)]),
    );
    expect(inSql).toEqual(inProcess);
  },
);
