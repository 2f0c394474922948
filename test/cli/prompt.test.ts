import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { promptForQueries } from "../../src/cli/prompt.ts";
import { temporaryFolder } from "../run/temporary.ts";

/** Types the text, or pipes it, and gives what was asked and what was shown. */
async function converse(text: string, terminal: boolean): Promise<{ asked: string[]; printed: number; shown: string }> {
  const input = new PassThrough();
  const output = new PassThrough();
  const asked: string[] = [];
  let printed = 0;
  let shown = "";
  output.setEncoding("utf8").on("data", (part: string) => (shown += part));
  const talk = promptForQueries({
    async ask(sql) {
      asked.push(sql);
      if (sql.includes("nope")) throw new Error("there is no column nope");
      return { columns: [], types: [], rows: [] };
    },
    print: () => void printed++,
    input,
    output,
    terminal,
  });
  input.end(text);
  await talk;
  return { asked, printed, shown };
}

function withHistoryIn(folder: string): void {
  const before = process.env["XDG_STATE_HOME"];
  process.env["XDG_STATE_HOME"] = folder;
  onTestFinished(() => {
    if (before === undefined) delete process.env["XDG_STATE_HOME"];
    else process.env["XDG_STATE_HOME"] = before;
  });
}

test("at a terminal a statement ends with its semicolon, an error is told and the prompt comes back, and what was typed is kept", async () => {
  const folder = temporaryFolder();
  withHistoryIn(folder);
  const { asked, printed, shown } = await converse("select 1\n  as one;\nselect nope;\nselect 2;\nexit\nselect 3;\n", true);
  expect(asked).toEqual(["select 1\n  as one", "select nope", "select 2"]);
  expect(printed).toBe(2);
  expect(shown).toContain("millwright> ");
  expect(shown).toContain("       ...> ");
  expect(shown).toContain("there is no column nope");
  const history = join(folder, "millwright", "query_history");
  expect(readFileSync(history, "utf8")).toBe("select 1\n  as one;\nselect nope;\nselect 2;\n");
  await converse("select 4;\n", true);
  expect(readFileSync(history, "utf8")).toBe("select 1\n  as one;\nselect nope;\nselect 2;\nselect 4;\n");
});

test("what is piped in is asked without a prompt, the last statement also without its semicolon", async () => {
  withHistoryIn(temporaryFolder());
  const { asked, printed, shown } = await converse("select 1;\n\nselect\n 2;\nselect 3", false);
  expect(asked).toEqual(["select 1", "select\n 2", "select 3"]);
  expect(printed).toBe(3);
  expect(shown).toBe("");
});

test("the first error ends what is piped in", async () => {
  await expect(converse("select 1;\nselect nope;\nselect 2;\n", false)).rejects.toThrow("there is no column nope");
});
