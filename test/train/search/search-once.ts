import { environmentOf } from "../../../src/run/bind.ts";
import { silent } from "../../../src/run/report.ts";
import { runPlatform } from "../../../src/run/run.ts";
import { searchPlatform } from "./platform.ts";

/** A process that brings the search's platform up to date: `node search-once.ts FOLDER`. */
const [directory = ""] = process.argv.slice(2);
const definition = searchPlatform();
const { outcome } = await runPlatform({
  definition,
  environment: environmentOf(definition, "local"),
  directory,
  assets: [],
  signal: new AbortController().signal,
  reporter: silent,
});
process.stdout.write(`${outcome}\n`, () => process.exit());
