import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { homedir } from "node:os";
import { createInterface } from "node:readline/promises";
import type { QueryResult } from "../query/query.ts";

export interface PromptOptions {
  ask(sql: string): Promise<QueryResult>;
  print(result: QueryResult): void;
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

const historyFile = () => join(process.env["XDG_STATE_HOME"] ?? join(homedir(), ".local", "state"), "millwright", "query_history");

/** Asks for statements, each ended by `;`, until the input ends or `exit`. Keeps the last 500 lines between prompts. */
export async function promptForQueries({ ask, print, input, output }: PromptOptions): Promise<void> {
  const file = historyFile();
  const history = existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
  const lines = createInterface({ input, output, history: history.toReversed(), historySize: 500, prompt: "millwright> " });
  const said: string[] = [...history];
  let statement = "";
  lines.prompt();
  for await (const line of lines) {
    if (statement === "" && /^\s*(exit|quit)\s*;?\s*$/i.test(line)) break;
    if (line.trim() !== "") said.push(line);
    statement += `${line}\n`;
    if (/;\s*$/.test(line)) {
      try {
        print(await ask(statement.trim().replace(/;$/, "")));
      } catch (error) {
        output.write(`${error instanceof Error ? error.message : String(error)}\n`);
      }
      statement = "";
    }
    lines.setPrompt(statement.trim() === "" ? "millwright> " : "       ...> ");
    lines.prompt();
  }
  lines.close();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${said.slice(-500).join("\n")}\n`, { mode: 0o600 });
}
