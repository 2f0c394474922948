import type { DuckDBConnection } from "@duckdb/node-api";
import { MillwrightError } from "../../error.ts";
import { columnTypeOf, connect, duckdbTypeOf, openDuckDB, quoteIdentifier } from "../../systems/duckdb/connection.ts";
import { printTable } from "../../transform/print.ts";
import type { Column } from "../column.ts";
import type { TableNode } from "../node.ts";
import type { Findings } from "./diagnostic.ts";

/** Lets the embedded engine read the SQL of tables against empty tables of the right columns; it is loaded when the first such table comes. */
export interface SqlChecker {
  /** The columns that the SQL gives; null when it is wrong (which is reported). */
  columns(node: TableNode, columnsOf: (table: string) => readonly Column[] | null): Promise<readonly Column[] | null>;
  close(): void;
}

export function sqlChecker(findings: Findings): SqlChecker {
  let open: Promise<DuckDBConnection> | null = null;
  const closers: (() => void)[] = [];
  const openEngine = async (): Promise<DuckDBConnection> => {
    const instance = await openDuckDB({ threads: 1 });
    const connection = await connect(instance);
    closers.push(() => {
      connection.closeSync();
      instance.closeSync();
    });
    return connection;
  };
  return {
    async columns(node, columnsOf) {
      open ??= openEngine();
      const connection = await open;
      for (const input of node.inputs) {
        const columns = columnsOf(input) ?? [];
        if (columns.length === 0) return null;
        await connection.run(
          `CREATE OR REPLACE TABLE ${quoteIdentifier(input)} (${columns.map(({ name, type }) => `${quoteIdentifier(name)} ${duckdbTypeOf(type)}`).join(", ")})`,
        );
      }
      try {
        const { query } = printTable({ node, columnsOf, relation: quoteIdentifier, fitted: {}, dialect: "duckdb" });
        const described = await connection.runAndReadAll(`DESCRIBE ${query}`);
        const columns = described.getRows().map(([name, type]): Column => ({ name: String(name), type: columnTypeOf(String(type)) }));
        compareDeclared(node, columns, findings);
        return columns;
      } catch (error) {
        if (error instanceof MillwrightError) findings.thrown(error);
        else findings.error({ code: "bad-sql", what: `${node.name}: ${sentence(error)}`, where: node.origin, fix: "correct the SQL" });
        return null;
      }
    },
    close: () => closers.forEach((close) => close()),
  };
}

/** The columns that the declaration promises to the type checker are those that the SQL gives. */
function compareDeclared(node: TableNode, columns: readonly Column[], findings: Findings): void {
  const given = new Map(columns.map(({ name, type }) => [name, type]));
  for (const [name, type] of Object.entries(node.sql?.columns ?? {})) {
    const real = given.get(name);
    if (real === type) continue;
    findings.error({
      code: "sql-columns",
      what:
        real === undefined
          ? `${node.name} declares the column '${name}', which its SQL does not give`
          : `${node.name} declares '${name}' as ${type}, and its SQL gives ${real}`,
      where: node.origin,
      fix: real === undefined ? `its columns are: ${[...given.keys()].join(", ")}` : `declare ${name}: "${real}", or cast it in the SQL`,
    });
  }
}

/** DuckDB's message up to where it repeats the statement, on one line. */
function sentence(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split(/\n+LINE \d+:/)[0] ?? text).replaceAll(/\s+/g, " ").trim();
}
