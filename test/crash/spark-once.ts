import { environmentOf } from "../../src/run/bind.ts";
import { silent } from "../../src/run/report.ts";
import { runPlatform } from "../../src/run/run.ts";
import { readingsPlatform, type ReadingsSettings } from "./spark-platform.ts";

/** A process that makes one run on Spark: `node spark-once.ts FOLDER SETTINGS`. Says what its jobs have done, line by line. */
const [directory = "", text = ""] = process.argv.slice(2);
const settings: ReadingsSettings = JSON.parse(text);
const definition = readingsPlatform(settings);
const { outcome } = await runPlatform({
  definition,
  environment: environmentOf(definition, "cluster"),
  directory,
  assets: [],
  signal: new AbortController().signal,
  reporter: { ...silent, progress: (asset, { done, total, unit }) => console.log(`${asset} ${done} of ${total} ${unit}`) },
});
process.exitCode = outcome === "succeeded" ? 0 : 1;
process.stdout.write("", () => process.exit());
