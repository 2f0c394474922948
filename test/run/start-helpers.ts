import { environment, platform } from "../../src/index.ts";
import { environmentOf } from "../../src/run/bind.ts";
import { startHelpers } from "../../src/run/helper.ts";

/** A process that starts helpers in a folder, says so, and goes on: `node start-helpers.ts FOLDER COMMAND...`. */
const [folder = "", ...helpers] = process.argv.slice(2);
const definition = platform({ name: "helped", assets: [], environments: { local: environment({ helpers }) } });
await startHelpers(environmentOf(definition, "local"), folder, new AbortController().signal);
console.log("started");
