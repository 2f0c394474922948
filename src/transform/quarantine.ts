import type { Column } from "../define/column.ts";
import type { TableNode } from "../define/node.ts";
import type { SqlDialect } from "./dialect.ts";

/**
 * Refused rows as every quarantine table has them: the table, the reasons, and the row as JSON. In it booleans, integers and finite doubles are JSON's
 * own, everything else is text in our spelling; engines may differ in spaces and in how they write a number, never in what is read from it.
 */
export function quarantineRows(node: TableNode, rejected: string, refused: readonly Column[], dialect: SqlDialect): string {
  const { text, identifier, json, convert, double } = dialect;
  const fields = [...refused, { name: "reason", type: "text" } as const].map(({ name, type }) => {
    const value = `refused.${identifier(name)}`;
    if (type === "double") return { name, type, value: `case when abs(${value}) <= ${double(Number.MAX_VALUE)} then ${value} end` };
    if (type === "boolean" || type === "integer" || type === "bigint" || type === "text") return { name, type, value };
    return { name, type: "text" as const, value: convert(value, type, "text") };
  });
  return `SELECT ${text(node.name)} AS origin, reason, ${json(fields)} AS raw FROM (${rejected}) AS refused`;
}
