import { writeFile } from "node:fs/promises";
import { stderr, stdout } from "node:process";
import { parseArgs } from "node:util";
import type { EndpointNode } from "../define/node.ts";
import { useOneOf } from "../define/nearest.ts";
import { MillwrightError } from "../error.ts";
import { championOf } from "../registry/champion.ts";
import { readModelFile } from "../registry/files.ts";
import { openRegistry } from "../registry/registry.ts";
import { statePaths } from "../run/state.ts";
import { describeEndpoint, readSignature } from "../serve/client/description.ts";
import { openapi } from "../serve/client/openapi.ts";
import { typescriptClient } from "../serve/client/typescript.ts";
import { exitCodes } from "./exit.ts";
import { commonOptions, parsing } from "./options.ts";
import { loadPlatform, type LoadedPlatform } from "./platform.ts";

const languages = ["typescript", "openapi"] as const;
type Language = (typeof languages)[number];

/** `millwright client` */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parsing(() =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { ...commonOptions, language: { type: "string", default: "typescript" }, out: { type: "string" } },
    }),
  );
  const language = languages.find((known) => known === values.language);
  if (language === undefined)
    throw new MillwrightError({
      code: "bad-option",
      what: `there is no client in '${values.language}'`,
      fix: `use one of: ${languages.join(", ")}`,
    });
  const platform = await loadPlatform(values);
  const { text, version } = await clientOf(platform, positionals, language);
  if (values.out === undefined) stdout.write(text);
  else {
    await writeFile(values.out, text);
    if (values.json) stdout.write(`${JSON.stringify({ file: values.out, language, version })}\n`);
    else stderr.write(`${values.out} is a client of version ${version}\n`);
  }
  return exitCodes.done;
}

/** @throws MillwrightError `unknown-asset` for an endpoint that is not there, `no-champion` for one that has nothing to serve */
export async function clientOf(
  { definition, environment, directory }: Pick<LoadedPlatform, "definition" | "environment" | "directory">,
  [name]: readonly string[],
  language: Language,
): Promise<{ readonly text: string; readonly version: string }> {
  const endpoints = definition.assets.filter((asset): asset is EndpointNode => asset.kind === "endpoint");
  const endpoint = name === undefined && endpoints.length === 1 ? endpoints[0] : endpoints.find((asset) => asset.name === name);
  if (endpoint === undefined) {
    const names = endpoints.map((asset) => asset.name);
    throw new MillwrightError({
      code: "unknown-asset",
      what: name === undefined ? "client needs the name of an endpoint" : `there is no endpoint '${name}'`,
      fix: name === undefined ? `millwright client ENDPOINT, of ${names.join(", ")}` : useOneOf(name, names),
    });
  }
  const registry = openRegistry(statePaths(directory, environment.name).models);
  try {
    const version = championOf(registry, endpoint);
    const signature = await readSignature(await readModelFile(version, "model.onnx"));
    const types = Object.fromEntries(version.description.inputs.map((input) => [input.name, input.type]));
    const description = describeEndpoint(endpoint.name, String(version.version), signature, types);
    const keys = environment.bindings["server"]?.options["keys"] !== undefined;
    const text =
      language === "typescript" ? typescriptClient(description) : `${JSON.stringify(openapi([description], { keys }), null, 2)}\n`;
    return { text, version: String(version.version) };
  } finally {
    registry.close();
  }
}
