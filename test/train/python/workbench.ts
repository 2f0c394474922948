import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { DuckDBConnection } from "@duckdb/node-api";
import { python, type PythonOptions } from "../../../src/define/python.ts";
import type { ModelNode, Parameters } from "../../../src/define/node.ts";
import type { Progress } from "../../../src/systems/roles.ts";
import { connect, openDuckDB } from "../../../src/systems/duckdb/connection.ts";
import { openProcessLauncher } from "../../../src/systems/process/launcher.ts";
import { trainModel, type TrainedModel } from "../../../src/train/train.ts";
import { examplesQuery, modelNode } from "../model-node.ts";

export const here: string = fileURLToPath(new URL(".", import.meta.url));

/** What sgd.py needs. */
export const sgdRequirements: readonly string[] = ["numpy==2.4.6", "pyarrow==26.0.1", "onnx==1.23.2"];

export interface Trained extends TrainedModel {
  readonly directory: string;
}

export interface TrainExtra {
  /** Where checkpoints are kept; a new folder when absent. */
  readonly kept?: string;
  /** Where scripts are named from. @default this folder */
  readonly from?: string;
  readonly relation?: string;
  readonly signal?: AbortSignal;
  readonly report?: Progress["report"];
}

/** A table of examples, and trainings on it by this machine's processes. */
export interface Workbench {
  readonly connection: DuckDBConnection;
  folder(): string;
  train(node: ModelNode, extra?: TrainExtra): Promise<Trained>;
  close(): Promise<void>;
}

export async function openWorkbench(): Promise<Workbench> {
  const root = mkdtempSync(join(tmpdir(), "millwright-python-"));
  const connection = await connect(await openDuckDB());
  await connection.run(`CREATE TABLE examples AS ${examplesQuery(4000)}`);
  const launcher = await openProcessLauncher();
  const folder = (): string => mkdtempSync(join(root, "folder-"));
  return {
    connection,
    folder,
    async train(
      node,
      { kept = folder(), from = here, relation = "examples", signal = new AbortController().signal, report = () => {} } = {},
    ) {
      const directory = folder();
      mkdirSync(kept, { recursive: true });
      const workshop = { directory: from, kept, launcher: async () => launcher };
      return { ...(await trainModel({ node, connection, relation, directory, workshop, signal, progress: { report } })), directory };
    },
    async close() {
      await launcher.close();
      connection.closeSync();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** A model that sgd.py trains. */
export function sgdNode(parameters: Parameters = {}, options: PythonOptions = {}, parts: Partial<ModelNode> = {}): ModelNode {
  return modelNode({
    prepare: { amount: "zscore", month: "zscore", population: "log", city: "onehot", joined: "minmax", seen: "zscore" },
    train: python("sgd.py", { requirements: sgdRequirements, parameters, ...options }),
    ...parts,
  });
}

/** The content of each registered file by its hash. */
export function hashes({ files, directory }: Trained): Record<string, string> {
  const hash = (name: string): string =>
    createHash("sha256")
      .update(readFileSync(join(directory, name)))
      .digest("hex");
  return Object.fromEntries(files.map((name) => [name, hash(name)]));
}
