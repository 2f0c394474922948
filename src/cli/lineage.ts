import { stdout } from "node:process";
import { parseArgs } from "node:util";
import { MillwrightError } from "../error.ts";
import { lineageText } from "../govern/lineage-text.ts";
import { lineageOf } from "../govern/lineage.ts";
import { exitCodes } from "./exit.ts";
import { commonOptions, parsing } from "./options.ts";
import { loadPlatform } from "./platform.ts";

/** `millwright lineage` */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parsing(() =>
    parseArgs({ args: [...args], allowPositionals: true, options: { ...commonOptions, column: { type: "string" } } }),
  );
  const [name] = positionals;
  if (name === undefined)
    throw new MillwrightError({
      code: "bad-option",
      what: "lineage needs the name of an asset",
      fix: "millwright lineage ASSET [--column NAME]",
    });
  const platform = await loadPlatform(values);
  const lineage = lineageOf({ ...platform, name, ...(values.column === undefined ? {} : { column: values.column }) });
  stdout.write(values.json ? `${JSON.stringify(lineage)}\n` : lineageText(lineage));
  return exitCodes.done;
}
