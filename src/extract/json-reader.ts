import { open } from "node:fs/promises";
import { MillwrightError } from "../error.ts";
import type { FileReader } from "./file-readers.ts";
import { inferColumns } from "./infer.ts";
import { jsonFormat } from "./json-format.ts";
import { jsonObjects, type JsonObject } from "./json.ts";
import { readLines } from "./lines.ts";
import { lineStager } from "./stage-lines.ts";

const sampledLines = 50_000;

/** JSON lines: one object a line. */
export const jsonReader: FileReader = {
  async describe(files) {
    const objects: JsonObject[] = [];
    for (const file of files) objects.push(...(await sampleJson(file.path, sampledLines)));
    return inferColumns(objects, { numbers: "bigint" });
  },

  async stage(request, file) {
    const stager = lineStager(request, jsonFormat(request.columns));
    const handle = await open(file.path);
    let next = 1;
    try {
      for await (const lines of readLines(handle, file.path, { unended: true, signal: request.signal })) {
        await stager.add(lines, file.name, file.modified);
        next = lines.first + lines.count;
      }
    } catch (error) {
      if (!(error instanceof MillwrightError) || error.problem.code !== "file-damaged") throw error;
      await request.stage.reject([{ origin: `${file.name}:${next}`, reason: error.problem.what, raw: "" }]);
    } finally {
      await handle.close();
    }
    await stager.finish();
  },
};

/** The objects among a file's first lines. */
export async function sampleJson(path: string, lines: number): Promise<JsonObject[]> {
  const objects: JsonObject[] = [];
  const handle = await open(path);
  try {
    let left = lines;
    for await (const block of readLines(handle, path, { unended: true, signal: new AbortController().signal })) {
      const taken = block.text.split("\n", left);
      objects.push(...jsonObjects(taken));
      left -= taken.length;
      if (left <= 0) break;
    }
  } finally {
    await handle.close();
  }
  return objects;
}
