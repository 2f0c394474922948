import { arch, platform } from "node:os";
import type { DuckDBConnection } from "@duckdb/node-api";
import { wheelFile } from "../../fetch/wheel.ts";

/** The DuckDB that `@duckdb/node-api` bundles; an extension must be of the same version. */
export const duckdbVersion = "1.5.5";

/**
 * DuckDB's own builds of its extensions as PyPI carries them for Linux on x86-64, with the hash of each wheel.
 * On other machines DuckDB's INSTALL fetches them.
 */
const wheels: Readonly<Record<string, string>> = {
  aws: "4717aff077e07b683f8b6a8d6338da3ad40b08c9082bad5fb06e1a1a86861ca6",
  azure: "6c436ac1ff00953cf79ac32820ad66c9037da3cd7d70b4a351a1364cda02f213",
  avro: "9b7b37455a8e9ae498b0fa97404831c15c412aa5fd2c969c032e1d8231a43049",
  httpfs: "84913dbe172ccb54368de2c4a020c38ca8b0e76f99df548f7fac37934cc7826f",
  iceberg: "cb7d238d733dff8047771be11f75d21aa417152c992e26ed7688d0d334285bb4",
  mysql_scanner: "91ea3d182de797113133c132bf267ba6c22dc716a2018cb6753470303baefbe8",
};

/** The local files of extensions, in the order given; downloads what the cache lacks. */
async function extensionFiles(names: readonly string[]): Promise<string[]> {
  return Promise.all(
    names.map((name) =>
      wheelFile({
        package: `duckdb-extension-${name.replaceAll("_", "-")}`,
        version: duckdbVersion,
        sha256: wheels[name] ?? "",
        path: `duckdb_extension_${name}/extensions/v${duckdbVersion}/${name}.duckdb_extension`,
      }),
    ),
  );
}

/**
 * Loads extensions into the instance behind a connection. `iceberg` brings `avro` and `httpfs`, which must come first.
 *
 * @throws MillwrightError `wheel-download` where an extension can be had neither from the cache nor with pip.
 */
export async function loadExtensions(connection: DuckDBConnection, names: readonly string[]): Promise<void> {
  const wanted = names.includes("iceberg")
    ? ["avro", "httpfs", "iceberg", ...names.filter((name) => !["avro", "httpfs", "iceberg"].includes(name))]
    : [...names];
  if (platform() === "linux" && arch() === "x64" && wanted.every((name) => name in wheels)) {
    for (const file of await extensionFiles(wanted)) await connection.run(`LOAD '${file.replaceAll("'", "''")}'`);
    return;
  }
  for (const name of wanted) await connection.run(`INSTALL ${name}; LOAD ${name};`);
}
