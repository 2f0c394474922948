import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { readHeads } from "../../src/lake/catalog/heads.ts";
import { openQuery } from "../../src/query/query.ts";
import { openRegistry } from "../../src/registry/registry.ts";
import { readModelFile } from "../../src/registry/files.ts";
import { statePaths } from "../../src/run/state.ts";
import { quoteIdentifier } from "../../src/systems/duckdb/connection.ts";

/** What an environment holds, such that two are equal when and only when their data is: no ids, no times, no order of rows. */
export interface Contents {
  /** Columns, number of rows and a hash of each table of the lake, quarantines included. */
  readonly lake: Readonly<Record<string, string>>;
  readonly warehouse: Readonly<Record<string, string>>;
  /** Per version of each model: status, aliases and hashes of its files. */
  readonly models: Readonly<Record<string, string>>;
}

/** Reads all that an environment holds. */
export async function contentsOf(directory: string, platform: string, environment = "local"): Promise<Contents> {
  const paths = statePaths(directory, environment);
  const session = await openQuery({ bindings: {} }, paths, platform);
  try {
    const describe = async (relation: string): Promise<string> => {
      const { rows: columns } = await session.ask(`SELECT column_name, column_type FROM (DESCRIBE ${relation})`);
      // Equal rows that come twice would cancel each other out in an exclusive or alone.
      const { rows } = await session.ask(
        `SELECT count(*) AS n, CAST(coalesce(bit_xor(hash(t)), 0) AS VARCHAR) AS x, CAST(coalesce(sum(hash(t) % 4294967296), 0) AS VARCHAR) AS s FROM ${relation} AS t`,
      );
      const [row] = rows;
      return `${String(row?.["n"])} rows, ${String(row?.["x"])} ${String(row?.["s"])}, ${columns.map((column) => `${String(column["column_name"])} ${String(column["column_type"])}`).join(", ")}`;
    };
    const lake: Record<string, string> = {};
    for (const table of [...readHeads(paths.state, platform).keys()].toSorted()) {
      lake[table] = await describe(`lake.${quoteIdentifier(platform)}.${quoteIdentifier(table)}`);
    }
    const warehouse: Record<string, string> = {};
    if (existsSync(paths.warehouse)) {
      const { rows } = await session.ask("SELECT name FROM warehouse.main._millwright_loads ORDER BY name");
      for (const { name } of rows) warehouse[String(name)] = await describe(`warehouse.main.${quoteIdentifier(String(name))}`);
    }
    return { lake, warehouse, models: await modelsOf(paths.models) };
  } finally {
    await session.close();
  }
}

async function modelsOf(directory: string): Promise<Record<string, string>> {
  if (!existsSync(join(directory, "registry.sqlite"))) return {};
  const registry = openRegistry(directory);
  try {
    const models: Record<string, string> = {};
    for (const version of registry.list()) {
      const files: string[] = [];
      for (const name of Object.keys(version.files).toSorted()) {
        const content = await readModelFile(version, name);
        files.push(
          `${name} ${createHash("sha256")
            .update(withoutSnapshots(name, content, version.provenance.inputs))
            .digest("hex")}`,
        );
      }
      models[`${version.model} ${version.version}`] = [version.status, ...version.aliases, ...files].join(", ");
    }
    return models;
  } finally {
    registry.close();
  }
}

/** A model's file without the ids of the snapshots that it was trained on: they differ from one environment to the next. */
function withoutSnapshots(name: string, content: Buffer, inputs: Readonly<Record<string, string>>): Buffer | string {
  if (name.endsWith(".onnx")) return withoutMetadata(content);
  return Object.entries(inputs).reduce(
    (text, [table, snapshot]) => text.replaceAll(snapshot, `snapshot of ${table}`),
    content.toString("latin1"),
  );
}

/** An ONNX file without its field 14, `metadata_props` (onnx.proto3): keys and values that say where the model came from. */
function withoutMetadata(content: Buffer): Buffer {
  const kept: Buffer[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = content[at++] ?? 0;
      value += (byte % 128) * shift;
      if (byte < 128) return value;
    }
  };
  while (at < content.length) {
    const from = at;
    const tag = varint();
    // A ModelProto has on its first level only numbers and what carries its length.
    if (tag % 8 === 0) varint();
    else if (tag % 8 === 2) at = varint() + at;
    else throw new Error(`an ONNX file with a field of wire type ${tag % 8}`);
    if (Math.floor(tag / 8) !== 14) kept.push(content.subarray(from, at));
  }
  return Buffer.concat(kept);
}
