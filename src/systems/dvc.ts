import { resolve } from "node:path";
import type { BindingNode } from "../define/node.ts";
import { textOption, textOr } from "../extract/options.ts";
import { binding } from "./binding.ts";
import { fetchModel, publishModel, resolveVersion } from "./dvc/models.ts";
import { openRepository } from "./dvc/repository.ts";
import { recordRun } from "./dvc/runs.ts";
import type { ConnectContext, Options, System, Tracker } from "./roles.ts";

export interface DvcOptions {
  /** A folder with a DVC repository (`dvc init`), from the platform file's folder. */
  readonly repository: string;
  /** The name of a remote that is a folder: files go there too, so that others can `dvc pull` them. @default none: `dvc push` does it */
  readonly remote?: string;
}

/**
 * A DVC repository as the record of trainings and models: runs as files that `dvc metrics`, `dvc params` and `dvc plots` read, versions
 * pinned by `.dvc` files with their content in DVC's cache. Git is yours: commit what changed when it should be history.
 *
 * @example
 * environment({ tracker: dvc({ repository: "../delay-models", remote: "shared" }) })
 */
export function dvc(options: DvcOptions): BindingNode {
  return binding("dvc", options);
}

export const system: System = {
  name: "dvc",
  title: "DVC",
  peers: [],
  roles: { tracker: connect },
};

async function connect(options: Options, { directory }: ConnectContext): Promise<Tracker> {
  const remote = textOr("dvc", options, "remote", "");
  const repository = openRepository(resolve(directory, textOption("dvc", options, "repository")), remote === "" ? null : remote);
  return {
    record: (run) => recordRun(repository, run),
    publish: (model) => publishModel(repository, model),
    resolve: (model, reference) => resolveVersion(repository, model, reference),
    fetch: (model, reference, target) => fetchModel(repository, model, reference, target),
    async close() {},
  };
}
