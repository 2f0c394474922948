import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { MillwrightError } from "../../error.ts";
import { isObject, type JsonObject } from "../../extract/json.ts";
import { externalFiles, withWeightsInside } from "../../train/onnx/embed.ts";
import type { PublishedModel } from "../roles.ts";
import { bringFile, proxyPath } from "./artifacts.ts";
import { objectsOf, type Client } from "./client.ts";
import { mlflowFiles, onnxFileOf } from "./mlmodel.ts";
import { experimentOf, runOf } from "./runs.ts";

/** Our own words on a version: which of ours it is, and the aliases that we gave it. */
const tagOfId = "millwright.model";
const tagOfAliases = "millwright.aliases";

export interface Names {
  readonly model: string;
  readonly experiment: string;
}

/** Publishes a version in MLflow's registry, where it gets MLflow's next number; the tag `millwright.version` has ours. */
export async function publishModel(client: Client, { model: name, experiment }: Names, model: PublishedModel): Promise<void> {
  await client.create("registered-models/create", { name, description: `published by Millwright from its model ${model.model}` });
  const id = `${model.model}@${model.version} ${model.run}`;
  const known = await findVersion(client, name, id);
  const version = known ?? (await uploadVersion(client, { model: name, experiment }, model, id));
  const number = String(version["version"]);
  const tags = tagsOf(version);
  for (const [key, value] of Object.entries({ ...model.tags, "millwright.version": String(model.version) })) {
    if (tags[key] !== value) await client.call("POST", "model-versions/set-tag", { name, version: number, key, value });
  }
  if (version["description"] !== model.description)
    await client.call("PATCH", "model-versions/update", { name, version: number, description: model.description });
  await pointAliases(client, name, number, tags[tagOfAliases] ?? "", model.aliases);
}

/** The version's aliases become ours; those that people gave it in MLflow stay. */
async function pointAliases(client: Client, name: string, version: string, before: string, aliases: readonly string[]): Promise<void> {
  const versionOf = async (alias: string): Promise<string | null> => (await versionByAlias(client, name, alias))?.version ?? null;
  for (const alias of aliases)
    if ((await versionOf(alias)) !== version) await client.call("POST", "registered-models/alias", { name, alias, version });
  for (const alias of before.split(",").filter((one) => one !== "" && !aliases.includes(one)))
    if ((await versionOf(alias)) === version) await client.call("DELETE", "registered-models/alias", { name, alias });
  const value = aliases.toSorted().join(",");
  if (value !== before) await client.call("POST", "model-versions/set-tag", { name, version, key: tagOfAliases, value });
}

async function uploadVersion(client: Client, { model: name, experiment }: Names, model: PublishedModel, id: string): Promise<JsonObject> {
  const onnx = model.files.find((file) => file === "model.onnx") ?? model.files.find((file) => file.endsWith(".onnx"));
  if (onnx === undefined)
    throw new MillwrightError({
      code: "no-onnx",
      what: `version ${model.version} of model '${model.model}' has no ONNX file`,
      where: model.directory,
      fix: "export the model as model.onnx in its training",
    });
  const run = await runOf(client, await experimentOf(client, experiment), model.run, Date.now());
  const folder = `${proxyPath(run.artifacts)}/models/${model.version}`;
  for (const file of model.files) await client.upload(`${folder}/${file}`, { file: join(model.directory, file) });
  const extra = await mlflowFiles(join(model.directory, onnx), onnx);
  for (const [file, content] of Object.entries(extra)) await client.upload(`${folder}/${file}`, content);
  const created = await client.call("POST", "model-versions/create", {
    name,
    source: `${run.artifacts}/models/${model.version}`,
    run_id: run.id,
    description: model.description,
    tags: Object.entries({ ...model.tags, [tagOfId]: id }).map(([key, value]) => ({ key, value })),
  });
  return isObject(created["model_version"]) ? created["model_version"] : {};
}

async function findVersion(client: Client, name: string, id: string): Promise<JsonObject | null> {
  const filter = `name = '${name.replaceAll("'", "\\'")}' AND tags.\`${tagOfId}\` = '${id.replaceAll("'", "\\'")}'`;
  const { model_versions: versions } = await client.call("GET", "model-versions/search", { filter, max_results: 1 });
  return objectsOf(versions)[0] ?? null;
}

function tagsOf(version: JsonObject): Readonly<Record<string, string>> {
  return Object.fromEntries(objectsOf(version["tags"]).map(({ key, value }) => [String(key), String(value)]));
}

async function versionByAlias(client: Client, name: string, alias: string): Promise<{ readonly version: string } | null> {
  return readVersion(await client.find("GET", "registered-models/alias", { name, alias }));
}

/** A version of MLflow's registry, by number or alias. @throws MillwrightError `unknown-model` */
export async function resolveVersion(client: Client, name: string, reference: string): Promise<string> {
  const found = /^\d+$/.test(reference)
    ? readVersion(await client.find("GET", "model-versions/get", { name, version: reference }))
    : await versionByAlias(client, name, reference);
  if (found !== null) return found.version;
  throw new MillwrightError({
    code: "unknown-model",
    what: `MLflow has no '${reference}' of a registered model '${name}'`,
    fix: "use a version's number, or an alias that is set in MLflow's registry",
  });
}

function readVersion(reply: JsonObject | null): { readonly version: string } | null {
  return reply !== null && isObject(reply["model_version"]) ? { version: String(reply["model_version"]["version"]) } : null;
}

/** Brings a version's ONNX file here. @throws MillwrightError `unknown-model`, or `no-onnx` where it was not logged as ONNX */
export async function fetchModel(
  client: Client,
  name: string,
  reference: string,
  directory: string,
): Promise<{ readonly file: string; readonly version: string }> {
  const version = await resolveVersion(client, name, reference);
  const { artifact_uri: address } = await client.call("GET", "model-versions/get-download-uri", { name, version });
  const folder = proxyPath(String(address));
  const data = onnxFileOf(await (await client.download(`${folder}/MLmodel`)).text());
  if (data === null)
    throw new MillwrightError({
      code: "no-onnx",
      what: `version ${version} of MLflow's model '${name}' was not logged as ONNX`,
      fix: "log it with mlflow.onnx.log_model, e.g. after skl2onnx.to_onnx(model, options={'zipmap': False}) or torch.onnx.export",
    });
  await mkdir(directory, { recursive: true });
  // A registry says the name, and must not choose the place.
  const file = basename(data);
  await bringFile(client, `${folder}/${data}`, join(directory, file));
  await takeWeightsIn(client, folder, join(directory, file));
  return { file, version };
}

/** MLflow keeps large tensors in files beside the model; here it is one file with one hash. */
async function takeWeightsIn(client: Client, folder: string, file: string): Promise<void> {
  const model = await readFile(file);
  const names = externalFiles(model);
  if (names.length === 0) return;
  const weights = new Map<string, Uint8Array>();
  // The model says the names: none may lead out of its folder.
  for (const name of names) weights.set(name, Buffer.from(await (await client.download(`${folder}/${basename(name)}`)).arrayBuffer()));
  await writeFile(file, withWeightsInside(model, weights));
}
