import { stdout } from "node:process";
import { parseArgs } from "node:util";
import { statusOf } from "../run/status.ts";
import { exitCodes } from "./exit.ts";
import { commonOptions, parsing } from "./options.ts";
import { loadPlatform } from "./platform.ts";
import { aligned, formatCount, formatSeconds } from "./text.ts";

/** `millwright status`: 1 when an asset failed or drifts. */
export async function run(args: readonly string[]): Promise<number> {
  const { values } = parsing(() => parseArgs({ args: [...args], allowPositionals: true, options: { ...commonOptions } }));
  const platform = await loadPlatform(values);
  const { assets, healthy } = statusOf(platform);
  if (values.json) stdout.write(`${JSON.stringify({ assets })}\n`);
  else {
    const rows = assets.map((asset) => [
      asset.name,
      asset.kind,
      asset.status,
      asset.rows === null ? "" : formatCount(asset.rows),
      asset.seconds === null ? "" : formatSeconds(asset.seconds),
      asset.snapshot ?? "",
      asset.detail ?? "",
    ]);
    stdout.write(`${aligned([["asset", "kind", "status", "rows", "took", "snapshot", ""], ...rows], new Set([3, 4])).join("\n")}\n`);
  }
  return healthy ? exitCodes.done : exitCodes.failed;
}
