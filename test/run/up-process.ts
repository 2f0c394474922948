import { environmentOf } from "../../src/run/bind.ts";
import { up } from "../../src/run/up.ts";
import { watchedPlatform, type WatchedOptions } from "./watched.ts";

/** A process that serves the watched platform: `node up-process.ts FOLDER OPTIONS`. Prints where, then serves until SIGTERM. */
const [directory = "", text = "{}"] = process.argv.slice(2);
const options: WatchedOptions = JSON.parse(text);
const definition = watchedPlatform(options);
const running = await up({
  definition,
  environment: environmentOf(definition, "local"),
  directory,
  signal: new AbortController().signal,
  everySeconds: 0.5,
  note: (said) => console.error(said),
});
process.once("SIGTERM", () => {
  // As the command line does: native threads may outlive their owners.
  void running.stop().then(() => process.exit());
});
console.log(running.doors.inference.http);
