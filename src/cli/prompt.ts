import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { homedir } from "node:os";
import { createInterface } from "node:readline";
import type { QueryResult } from "../query/query.ts";

export interface PromptOptions {
  ask(sql: string): Promise<QueryResult>;
  print(result: QueryResult): void;
  readonly input: NodeJS.ReadableStream;
  /** Where prompts, what is typed and what went wrong are shown. */
  readonly output: NodeJS.WritableStream;
  /** Whether somebody sits there and types. */
  readonly terminal: boolean;
}

const historyFile = () => join(process.env["XDG_STATE_HOME"] ?? join(homedir(), ".local", "state"), "millwright", "query_history");

/**
 * Asks for statements, each ended by `;` at the end of a line, until the input ends or says `exit`.
 * On a terminal it prompts, tells of errors and goes on, and keeps the last 500 lines for the next time;
 * elsewhere it asks what comes, the last statement also without its `;`.
 *
 * @throws the first error, where the input is no terminal.
 */
export function promptForQueries(options: PromptOptions): Promise<void> {
  return options.terminal ? askAtPrompt(options) : askAll(options);
}

async function askAll({ ask, print, input }: PromptOptions): Promise<void> {
  let statement = "";
  const finish = async () => {
    const sql = withoutEnd(statement);
    statement = "";
    if (sql !== "") print(await ask(sql));
  };
  for await (const line of createInterface({ input })) {
    if (statement.trim() === "" && isExit(line)) break;
    statement += `${line}\n`;
    if (isEnd(line)) await finish();
  }
  await finish();
}

async function askAtPrompt({ ask, print, input, output }: PromptOptions): Promise<void> {
  const file = historyFile();
  const history = existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
  const lines = createInterface({ input, output, terminal: true, history: history.toReversed(), historySize: 500, prompt: "millwright> " });
  let closed = false;
  lines.once("close", () => (closed = true));
  const said: string[] = [...history];
  let statement = "";
  lines.prompt();
  for await (const line of lines) {
    if (statement === "" && isExit(line)) break;
    if (line.trim() !== "") said.push(line);
    statement += `${line}\n`;
    if (isEnd(line)) {
      try {
        print(await ask(withoutEnd(statement)));
      } catch (error) {
        output.write(`${error instanceof Error ? error.message : String(error)}\n`);
      }
      statement = "";
    }
    if (closed) break;
    lines.setPrompt(statement.trim() === "" ? "millwright> " : "       ...> ");
    lines.prompt();
  }
  lines.close();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${said.slice(-500).join("\n")}\n`, { mode: 0o600 });
}

function isExit(line: string): boolean {
  return /^\s*(exit|quit)\s*;?\s*$/i.test(line);
}

function isEnd(line: string): boolean {
  return /;\s*$/.test(line);
}

function withoutEnd(statement: string): string {
  return statement.trim().replace(/;$/, "").trim();
}
