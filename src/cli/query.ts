import { stderr, stdin, stdout } from "node:process";
import { parseArgs } from "node:util";
import type { QueryResult } from "../query/query.ts";
import { openQuery } from "../query/query.ts";
import { statePaths } from "../run/state.ts";
import { exitCodes } from "./exit.ts";
import { MillwrightError } from "../error.ts";
import { commonOptions, parsing } from "./options.ts";
import { loadPlatform } from "./platform.ts";
import { csvText, tableText } from "./table.ts";

/** `millwright query` */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parsing(() =>
    parseArgs({ args: [...args], allowPositionals: true, options: { ...commonOptions, csv: { type: "boolean", default: false } } }),
  );
  if (values.csv && values.json)
    throw new MillwrightError({ code: "bad-option", what: "--csv and --json exclude each other", fix: "choose one" });
  const { definition, environment, directory } = await loadPlatform(values);
  const session = await openQuery(environment, statePaths(directory, environment.name), definition.name);
  const print = (result: QueryResult) =>
    stdout.write(values.json ? `${JSON.stringify(result.rows)}\n` : values.csv ? csvText(result) : tableText(result));
  try {
    if (positionals.length > 0) print(await session.ask(positionals.join(" ")));
    else {
      const { promptForQueries } = await import("./prompt.ts");
      await promptForQueries({ ask: (sql) => session.ask(sql), print, input: stdin, output: stderr, terminal: stdin.isTTY === true });
    }
    return exitCodes.done;
  } finally {
    await session.close();
  }
}
