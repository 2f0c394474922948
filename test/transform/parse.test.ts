import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pythonEnvironment } from "../servers/python.ts";
import { cases } from "./meaning-cases.ts";
import { dialects, statements } from "./support.ts";

/** Gives what is wrong with each statement: an error, or a part that the parser passed over as a command. */
const program = `
import json, sys, sqlglot
from sqlglot import exp
wrong = []
for dialect, sql in json.load(sys.stdin):
    try:
        parsed = sqlglot.parse(sql, read=dialect, error_level=sqlglot.ErrorLevel.RAISE)
        if len(parsed) != 1 or parsed[0] is None or not isinstance(parsed[0], exp.Query) or parsed[0].find(exp.Command):
            wrong.append([dialect, "not one query", sql])
    except Exception as error:
        wrong.append([dialect, str(error)[:400], sql])
print(json.dumps(wrong))
`;

test("sqlglot reads what is printed in every dialect as queries: the golden texts, and those of all meanings", async () => {
  const golden = await Promise.all(
    (await readdir(join(import.meta.dirname, "golden"))).map((name) => readFile(join(import.meta.dirname, "golden", name), "utf8")),
  );
  const shown = golden.flatMap((text) =>
    text
      .split(/^-- /m)
      .filter((part) => part !== "")
      .map((part) => {
        const end = part.indexOf("\n");
        return [part.slice(0, end).replace(/,.*/, ""), part.slice(end)] as const;
      }),
  );
  expect(new Set(shown.map(([dialect]) => dialect))).toEqual(new Set(dialects));
  const meant = Object.values(cases).flatMap(({ target, inputs }) =>
    dialects.flatMap((dialect) => statements(target, inputs, dialect).map((sql) => [dialect, sql] as const)),
  );
  const python = await pythonEnvironment(["sqlglot==30.30.0"]);
  const { code, stdout, stderr } = await python.run(["-c", program], { input: JSON.stringify([...shown, ...meant]) });
  expect(stderr).toBe("");
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual([]);
}, 300_000);
