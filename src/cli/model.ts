import { readFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { stderr, stdout } from "node:process";
import { parseArgs } from "node:util";
import { MillwrightError } from "../error.ts";
import { challenger, champion, earlierChampion, type Decision } from "../registry/aliases.ts";
import { compareVersions } from "../registry/compare.ts";
import { tellAliases } from "../registry/event.ts";
import { readModelFile } from "../registry/files.ts";
import { sendToTracker } from "../registry/publish.ts";
import { openRegistry, type Registry } from "../registry/registry.ts";
import type { ModelVersion } from "../registry/version.ts";
import { crashPoint } from "../run/crash.ts";
import { openJournal } from "../run/journal.ts";
import { boundServer } from "../run/model-server.ts";
import { statePaths } from "../run/state.ts";
import { releaseThere } from "../serve/release.ts";
import { deciderOf, needReason } from "./decision.ts";
import { exitCodes } from "./exit.ts";
import { comparisonText, decisionsText, versionsText } from "./model-text.ts";
import { commonOptions, parsing } from "./options.ts";
import { loadPlatform, type LoadedPlatform } from "./platform.ts";

interface Asked {
  readonly platform: LoadedPlatform;
  readonly registry: Registry;
  /** What stands after the action's name. */
  readonly names: readonly string[];
  readonly because: string | undefined;
  readonly by: string | undefined;
  print(document: object, text: string): void;
}

const actions: Readonly<
  Record<string, { readonly usage: string; readonly names: readonly [least: number, most: number]; perform(asked: Asked): Promise<void> }>
> = {
  list: { usage: "millwright model list [MODEL]", names: [0, 1], perform: list },
  show: { usage: "millwright model show MODEL[@ALIAS|@N]", names: [1, 1], perform: show },
  compare: { usage: "millwright model compare MODEL@N MODEL@M", names: [2, 2], perform: compare },
  alias: { usage: "millwright model alias MODEL@N ALIAS", names: [2, 2], perform: alias },
  approve: { usage: 'millwright model approve MODEL[@N] --because "..."', names: [1, 1], perform: approve },
  rollback: { usage: 'millwright model rollback MODEL --because "..."', names: [1, 1], perform: rollBack },
};

/** `millwright model` */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parsing(() =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { ...commonOptions, because: { type: "string" }, by: { type: "string" } },
    }),
  );
  const [name = "", ...names] = positionals;
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (action === undefined || names.length < action.names[0] || names.length > action.names[1]) {
    throw new MillwrightError({
      code: "bad-option",
      what: action === undefined ? `model cannot '${name}'` : `model ${name} does not take ${names.length} names`,
      fix: action === undefined ? `use one of: ${Object.keys(actions).join(", ")}` : action.usage,
    });
  }
  const platform = await loadPlatform(values);
  const paths = statePaths(platform.directory, platform.environment.name);
  if (!existsSync(join(paths.models, "registry.sqlite"))) {
    throw new MillwrightError({
      code: "no-models",
      what: `the environment '${platform.environment.name}' has no models yet`,
      where: paths.models,
      fix: "train one: millwright run",
    });
  }
  const registry = openRegistry(paths.models);
  try {
    const print = (document: object, text: string): void => void stdout.write(values.json ? `${JSON.stringify(document)}\n` : text);
    await action.perform({ platform, registry, names, because: values.because, by: values.by, print });
    return exitCodes.done;
  } finally {
    registry.close();
  }
}

async function list({ registry, names: [model], print }: Asked): Promise<void> {
  const versions = registry.list(model);
  if (model !== undefined && versions.length === 0) registry.resolve(model); // says what there is
  print({ versions: versions.map(summary) }, versionsText(versions));
}

async function show({ registry, names: [reference = ""], print }: Asked): Promise<void> {
  const version = registry.resolve(reference);
  const changes = registry.changes(version.model);
  const card = await readFile(join(version.directory, "card.md"), "utf8");
  const { description, provenance, files } = version;
  print({ ...summary(version), description, provenance, files, changes }, `${card}${decisionsText(version, changes)}`);
}

async function compare({ registry, names: [one = "", other = ""], print }: Asked): Promise<void> {
  const versions = [registry.resolve(one), registry.resolve(other)] as const;
  const compared = compareVersions(...versions);
  print(
    { first: summary(versions[0]), second: summary(versions[1]), compared },
    comparisonText([`${versions[0].model}@${versions[0].version}`, `${versions[1].model}@${versions[1].version}`], compared),
  );
}

async function alias(asked: Asked): Promise<void> {
  const [reference = "", name = ""] = asked.names;
  const { model, version } = asked.registry.resolve(reference);
  await decide(asked, model, (decision) => asked.registry.alias(model, name, version, decision));
}

async function approve(asked: Asked): Promise<void> {
  const [reference = ""] = asked.names;
  const version = asked.registry.resolve(reference.includes("@") ? reference : `${reference}@${challenger}`);
  needReason(asked);
  await checkFiles(version);
  await decide(asked, version.model, (decision) => asked.registry.approve(version.model, version.version, decision));
}

async function rollBack(asked: Asked): Promise<void> {
  const [name = ""] = asked.names;
  needReason(asked);
  if (name.includes("@"))
    throw new MillwrightError({
      code: "bad-option",
      what: "a model goes back, not a version",
      fix: `millwright model rollback ${name.split("@")[0]}`,
    });
  const { model } = asked.registry.resolve(name);
  const earlier = earlierChampion(asked.registry.changes(model));
  const version = earlier === null ? null : asked.registry.get(model, earlier);
  if (version !== null) await checkFiles(version);
  await decide(asked, model, (decision) => asked.registry.rollBack(model, decision));
}

/** Carries a person's decision out, tells the journal, and the tracker where one is bound. */
async function decide(asked: Asked, model: string, work: (decision: Decision) => void): Promise<void> {
  const { registry, platform, print } = asked;
  const before = new Set(registry.changes(model).map(({ change }) => change));
  work(deciderOf(asked));
  crashPoint("alias-moved");
  const changes = registry.changes(model).filter(({ change }) => !before.has(change));
  const paths = statePaths(platform.directory, platform.environment.name);
  using journal = openJournal(paths.journal);
  tellAliases(registry, journal);
  const note = (text: string): void => void stderr.write(`${text}\n`);
  await sendToTracker({
    environment: platform.environment,
    directory: platform.directory,
    registry,
    journal,
    run: null,
    models: [model],
    note,
  });
  const lines = changes.map(({ alias: name, version, previous }) =>
    version === null
      ? `${model}: ${name} is taken away from version ${previous}`
      : `${model}: ${name} is version ${version}${previous === null || previous === version ? "" : `, was ${previous}`}`,
  );
  print({ model, changes }, `${lines.length === 0 ? `${model}: nothing to change` : lines.join("\n")}\n`);
  await placeOnServer(asked, model);
}

/** Endpoints that another server serves go with their model at once. @throws what that server says; the next run tries again */
async function placeOnServer({ registry, platform }: Asked, model: string): Promise<void> {
  const binding = boundServer(platform.environment);
  const endpoints = platform.definition.assets.filter((asset) => asset.kind === "endpoint");
  const due = endpoints.filter((endpoint) => endpoint.model === model);
  if (binding === null || due.length === 0 || registry.get(model, champion) === null) return;
  using journal = openJournal(statePaths(platform.directory, platform.environment.name).journal);
  const last = journal.latest("endpoint.released");
  for (const endpoint of due) {
    const place = { registry, journal, directory: platform.directory };
    const { outcome, detail } = await releaseThere(place, binding, endpoint, { run: null, last: last.get(endpoint.name)?.body });
    if (outcome !== "unchanged") stderr.write(`${endpoint.name}: ${detail}\n`);
  }
}

/** What is not what was registered is never made to serve. */
async function checkFiles(version: ModelVersion): Promise<void> {
  for (const name of Object.keys(version.files)) await readModelFile(version, name);
}

function summary({ model, version, status, aliases, created, content, provenance, description }: ModelVersion): object {
  const { auc, logLoss, brier, calibrationError } = description.metrics;
  return {
    model,
    version,
    status,
    aliases,
    created,
    run: provenance.run,
    content,
    rows: description.periods.training.rows,
    metrics: { auc, logLoss, brier, calibrationError },
  };
}
