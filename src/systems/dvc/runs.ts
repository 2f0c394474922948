import { existsSync, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { TrackedRun } from "../roles.ts";
import type { Repository } from "./repository.ts";
import { writeWhole } from "./pointer.ts";

/** Keeps a run as files that `dvc metrics`, `dvc params` and `dvc plots` read: `runs/<experiment>/<id>/`. */
export async function recordRun({ root }: Repository, run: TrackedRun): Promise<void> {
  const experiment = join(root, "runs", fileName(run.experiment));
  const folder = join(experiment, fileName(run.id));
  const last = Object.entries(run.metrics).flatMap(([name, points]) => {
    const value = points.at(-1)?.value;
    return value === undefined ? [] : [[name, value] as const];
  });
  const series = Object.entries(run.metrics).filter(([, points]) => points.length > 1);
  await rm(join(folder, "plots"), { recursive: true, force: true });
  for (const [name, points] of series) {
    const lines = points.map(({ step, value }) => `${step}\t${value}`);
    await writeWhole(join(folder, "plots", `${fileName(name)}.tsv`), `step\t${name.replaceAll(/\s/g, "_")}\n${lines.join("\n")}\n`);
  }
  await writeWhole(join(folder, "params.yaml"), yamlOf(Object.entries(run.parameters)));
  await writeWhole(join(folder, "metrics.json"), `${numbersText(last)}\n`);
  const { id, name, parent, outcome, started, ended, tags } = run;
  await writeWhole(join(folder, "run.json"), `${JSON.stringify({ id, name, parent, outcome, started, ended, tags }, null, 1)}\n`);
  const runs = readdirSync(experiment, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  await writeWhole(join(experiment, "dvc.yaml"), filesOfRuns(experiment, runs.toSorted()));
}

/** The `dvc.yaml` by which DVC finds figures without being told their files. */
export function filesOfRuns(experiment: string, folders: readonly string[]): string {
  const list = (head: string, name: string): string[] => {
    const files = folders
      .map((folder) => (folder === "" ? name : `${folder}/${name}`))
      .filter((file) => existsSync(join(experiment, file)));
    return files.length === 0 ? [] : [`${head}:`, ...files.map((file) => `- ${JSON.stringify(file)}`)];
  };
  return [...list("params", "params.yaml"), ...list("metrics", "metrics.json"), ...list("plots", "plots"), ""].join("\n");
}

/** As a file's name: what is neither letter, digit, `.`, `_` nor `-` becomes `-`. */
export function fileName(text: string): string {
  return text.replaceAll(/[^\w.-]+/g, "-").replace(/^\.+/, "-");
}

function yamlOf(entries: readonly (readonly [string, number | string | boolean])[]): string {
  return entries.length === 0
    ? "{}\n"
    : `${entries.map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`).join("\n")}\n`;
}

/** DVC reads JSON as Python does, which knows NaN and Infinity. */
function numbersText(entries: readonly (readonly [string, number])[]): string {
  return `{${entries.map(([name, value]) => `${JSON.stringify(name)}: ${String(value)}`).join(", ")}}`;
}
