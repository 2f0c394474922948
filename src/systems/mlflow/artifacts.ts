import { createWriteStream } from "node:fs";
import { rename } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { MillwrightError } from "../../error.ts";
import type { Client } from "./client.ts";

/**
 * The path of an artifact's address in the server's artifact proxy: `mlflow-artifacts:/1/abc/artifacts` is `1/abc/artifacts`.
 *
 * @throws MillwrightError `tracker-refused` for a server whose clients write to the storage themselves
 */
export function proxyPath(address: string): string {
  const path = /^mlflow-artifacts:(?:\/\/[^/]*)?\/+(.*)$/.exec(address)?.[1];
  if (path !== undefined) return path.replace(/\/+$/, "");
  throw new MillwrightError({
    code: "tracker-refused",
    what: `MLflow keeps these artifacts at ${address.split("?")[0]}, which it leaves its clients to reach by themselves`,
    fix: "start the MLflow server with --artifacts-destination, so that it passes artifacts on, and make the experiment anew",
  });
}

/** Brings a file here, whole or not at all. */
export async function bringFile(client: Client, path: string, file: string): Promise<void> {
  const { body } = await client.download(path);
  const aside = `${file}.partial`;
  await pipeline(body === null ? Readable.from([]) : Readable.fromWeb(body), createWriteStream(aside));
  await rename(aside, file);
}
