import { quoteIdentifier, quoteLiteral } from "./connection.ts";

/**
 * The statement that gives DuckDB the credentials of one place: a secret of this instance only, used for addresses that begin with `scope`.
 * It holds them by value: run it, never log it.
 *
 * @param parameters DuckDB's own names, such as KEY_ID; one that is null is left out.
 */
export function secretStatement(type: string, scope: string, parameters: Readonly<Record<string, string | boolean | null>>): string {
  const given = Object.entries({ ...parameters, SCOPE: scope }).flatMap(([name, value]) =>
    value === null ? [] : [`${name} ${typeof value === "string" ? quoteLiteral(value) : String(value)}`],
  );
  return `CREATE OR REPLACE SECRET ${quoteIdentifier(`lake ${scope}`)} (TYPE ${type}, ${given.join(", ")})`;
}
