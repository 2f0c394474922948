import { stderr, stdout } from "node:process";
import { parseArgs } from "node:util";
import { MillwrightError } from "../error.ts";
import { buildPackage } from "../package/build.ts";
import { isPackageKind, kinds } from "../package/kinds.ts";
import { testRows } from "../package/lake-rows.ts";
import { verifyPackage, type PackageManifest } from "../package/manifest.ts";
import { profileRows, refuseImported, type CheckRows } from "../package/rows.ts";
import { openRegistry } from "../registry/registry.ts";
import type { ModelVersion } from "../registry/version.ts";
import { silent } from "../run/report.ts";
import { openSession, type Session } from "../run/session.ts";
import { cancelOnSignals } from "./cancel.ts";
import { exitCodes } from "./exit.ts";
import { commonOptions, parsing } from "./options.ts";
import { loadPlatform } from "./platform.ts";

/** `millwright package` */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parsing(() =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...commonOptions,
        for: { type: "string", default: "onnx" },
        out: { type: "string" },
        verify: { type: "string" },
        address: { type: "string" },
      },
    }),
  );
  const [reference] = positionals;
  const usage = (what: string, fix: string): MillwrightError => new MillwrightError({ code: "bad-option", what, fix });
  if (values.verify !== undefined) {
    if (reference !== undefined || values.out !== undefined)
      throw usage("--verify takes a folder and no model", "millwright package --verify DIR");
    print(await verifyPackage(values.verify, values.address), values.verify, values.json);
    return exitCodes.done;
  }
  const { for: kind, out } = values;
  if (reference === undefined || out === undefined || positionals.length > 1)
    throw usage("package needs a model and a folder", "millwright package MODEL[@ALIAS|@N] [--for KIND] --out DIR");
  if (!isPackageKind(kind)) throw usage(`there are no packages for '${kind}'`, `use one of: ${Object.keys(kinds).join(", ")}`);
  const platform = await loadPlatform(values);
  const session = openSession({ ...platform, signal: cancelOnSignals().signal, reporter: silent });
  const registry = openRegistry(session.paths.models);
  try {
    const version = registry.resolve(reference);
    const manifest = await buildPackage(version, kind, out, {
      rows: () => rowsOf(session, version),
      where: platform.definition.assets.find(({ name }) => name === version.model)?.origin ?? platform.definition.origin,
      signal: session.signal,
    });
    const { address, checks, unproven } = manifest;
    session.journal.append({
      type: "model.packaged",
      asset: version.model,
      run: session.run,
      body: { version: version.version, content: version.content, kind, address, checks, unproven },
    });
    print(manifest, out, values.json);
  } finally {
    registry.close();
    await session.close();
  }
  return exitCodes.done;
}

/** The version's test rows, or, said aloud, rows like them where the lake has them no more. */
async function rowsOf(session: Session, version: ModelVersion): Promise<CheckRows> {
  try {
    return await testRows(session, version);
  } catch (error) {
    session.signal.throwIfAborted();
    refuseImported(version);
    const reason = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    stderr.write(`the test rows cannot be read again (${reason}); comparing on rows made from the version's profile\n`);
    return profileRows(version);
  }
}

function print(manifest: PackageManifest, directory: string, json: boolean): void {
  if (json) {
    stdout.write(`${JSON.stringify({ directory, ...manifest })}\n`);
    return;
  }
  const { address, kind, model, version, files, checks, unproven } = manifest;
  const bytes = Object.values(files).reduce((sum, file) => sum + file.bytes, 0);
  const lines = [
    `${model} version ${version} for ${kind}: ${Object.keys(files).length} files, ${bytes} bytes, in ${directory}`,
    address,
    ...checks.map(
      ({ what, rows, from, tolerance, maximumDifference }) =>
        `checked: ${what}: ${rows} rows (${from}), at most ${maximumDifference} off, ${tolerance} allowed`,
    ),
    ...unproven.map((claim) => `unproven: ${claim}`),
  ];
  stdout.write(`${lines.join("\n")}\n`);
}
