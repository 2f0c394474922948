/**
 * Runs the platform of the working directory again and again within one process, as a scheduler would, until it is told to end and nothing is left to do. Takes
 * away the files that have been extracted, cleaned and loaded, and writes a line of JSON for each run that did something: `{ ended, seconds, cpu, steps, files: [[name, bytes, arrived]] }`.
 */
import { existsSync, statSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import type { Definition } from "../../src/define/node.ts";
import { built } from "../built.ts";

const { runPlatform }: typeof import("../../src/run/run.ts") = await import(built("run/run"));
const { silent }: typeof import("../../src/run/report.ts") = await import(built("run/report"));
const { readHead }: typeof import("../../src/lake/catalog/heads.ts") = await import(built("lake/catalog/heads"));
const { noteOf }: typeof import("../../src/lake/note.ts") = await import(built("lake/note"));

const directory = process.cwd();
const incoming = join(directory, "incoming");
const { default: definition }: { default: Definition } = await import(pathToFileURL(join(directory, "platform.ts")).href);
const environment = definition.environments["local"];
if (environment === undefined) throw new Error("the platform has no environment 'local'");
let ending = false;
process.once("SIGTERM", () => (ending = true));

for (;;) {
  const waiting = existsSync(incoming) ? (await readdir(incoming)).filter((name) => name.startsWith("readings-")) : [];
  if (waiting.length === 0) {
    if (ending) break;
    await sleep(200);
    continue;
  }
  const began = performance.now();
  const usage = process.cpuUsage();
  const { outcome, results } = await runPlatform({
    definition,
    environment,
    directory,
    assets: [],
    signal: new AbortController().signal,
    reporter: silent,
  });
  if (outcome !== "succeeded") throw new Error(`a run ${outcome}: ${JSON.stringify(results)}`);
  const head = readHead(join(directory, ".millwright/local"), definition.name, "readings");
  const taken = Object.keys((head === null ? null : noteOf(head.summary))?.position ?? {}).map((name) =>
    join(incoming, name.split("/").at(-1) ?? ""),
  );
  const files = await Promise.all(
    taken.map(async (path) => [path.split("/").at(-1), (await stat(path)).size, statSync(path).ctimeMs] as const),
  );
  await Promise.all(taken.map((path) => rm(path)));
  const steps = Object.fromEntries(results.map(({ asset, seconds }) => [asset, seconds]));
  const { user, system } = process.cpuUsage(usage);
  const told = { ended: Date.now(), seconds: (performance.now() - began) / 1000, cpu: (user + system) / 1e6, steps, files };
  process.stdout.write(`${JSON.stringify(told)}\n`);
}
