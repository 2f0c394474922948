import { cancelOnSignals } from "../../src/cli/cancel.ts";
import { environmentOf } from "../../src/run/bind.ts";
import { silent } from "../../src/run/report.ts";
import { runPlatform } from "../../src/run/run.ts";
import { flightsPlatform, type FlightsSettings } from "./platform.ts";

/** A process that makes one run: `node --import sources.ts run-once.ts FOLDER SETTINGS`. Prints the result as JSON; 0 when it succeeded. */
const [directory = "", text = ""] = process.argv.slice(2);
const settings: FlightsSettings = JSON.parse(text);
const definition = flightsPlatform(settings);
const result = await runPlatform({
  definition,
  environment: environmentOf(definition, "local"),
  directory,
  assets: [],
  signal: cancelOnSignals().signal,
  reporter:
    process.env["MILLWRIGHT_CRASH_VERBOSE"] === undefined
      ? silent
      : { ...silent, finished: (one) => console.error(`${one.asset} ${one.outcome} ${one.seconds}`) },
});
console.log(JSON.stringify(result));
process.exitCode = result.outcome === "succeeded" ? 0 : 1;
// As the command line does: native threads may outlive their owners.
process.stdout.write("", () => process.exit());
