import { readFileSync } from "node:fs";
import type { Definition } from "../../src/index.ts";
import { environmentOf } from "../../src/run/bind.ts";
import { silent } from "../../src/run/report.ts";
import { runPlatform } from "../../src/run/run.ts";

/** A process that makes one run of a definition: `node parts-once.ts FOLDER FILE`, of which the file holds the definition as JSON. 0 when it succeeded. */
const [directory = "", file = ""] = process.argv.slice(2);
const definition: Definition = JSON.parse(readFileSync(file, "utf8"));
const result = await runPlatform({
  definition,
  environment: environmentOf(definition, "local"),
  directory,
  assets: ["events_parted"],
  signal: new AbortController().signal,
  reporter: silent,
});
console.log(JSON.stringify(result));
process.exitCode = result.outcome === "succeeded" ? 0 : 1;
// As the command line does: native threads may outlive their owners.
process.stdout.write("", () => process.exit());
