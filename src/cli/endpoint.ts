import { readFile } from "node:fs/promises";
import { stdout } from "node:process";
import { parseArgs } from "node:util";
import type { EndpointNode } from "../define/node.ts";
import { useOneOf } from "../define/nearest.ts";
import { MillwrightError } from "../error.ts";
import { championOf } from "../registry/champion.ts";
import { openRegistry } from "../registry/registry.ts";
import { openJournal } from "../run/journal.ts";
import { boundServer, withServer } from "../run/model-server.ts";
import { predictOnce, type Prediction } from "../run/predict.ts";
import { statePaths } from "../run/state.ts";
import { rollBackEndpoint, shareEndpoint, type DecisionPlace, type Divided } from "../serve/decide.ts";
import { divisionOf, divisionText } from "../serve/division.ts";
import { deciderOf, needReason } from "./decision.ts";
import { exitCodes } from "./exit.ts";
import { commonOptions, parsing, required } from "./options.ts";
import { loadPlatform } from "./platform.ts";
import { aligned } from "./text.ts";

interface Asked extends DecisionPlace {
  readonly endpoints: readonly EndpointNode[];
  /** What stands after the action's name. */
  readonly names: readonly string[];
  readonly values: {
    readonly because?: string | undefined;
    readonly by?: string | undefined;
    readonly version?: string | undefined;
    readonly data?: string | undefined;
  };
  print(document: object, text: string): void;
}

const actions: Readonly<
  Record<string, { readonly usage: string; readonly names: readonly [least: number, most: number]; perform(asked: Asked): Promise<void> }>
> = {
  list: { usage: "millwright endpoint list [NAME]", names: [0, 1], perform: list },
  share: { usage: "millwright endpoint share NAME VERSION=PERCENT...", names: [2, Infinity], perform: share },
  rollback: { usage: 'millwright endpoint rollback NAME --because "..."', names: [1, 1], perform: rollBack },
  predict: { usage: "millwright endpoint predict NAME --data JSON [--version N]", names: [1, 1], perform: predict },
};

/** `millwright endpoint` */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parsing(() =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...commonOptions,
        because: { type: "string" },
        by: { type: "string" },
        version: { type: "string" },
        data: { type: "string" },
      },
    }),
  );
  const [name = "", ...names] = positionals;
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (action === undefined || names.length < action.names[0] || names.length > action.names[1]) {
    throw new MillwrightError({
      code: "bad-option",
      what: action === undefined ? `endpoint cannot '${name}'` : `endpoint ${name} does not take ${names.length} names`,
      fix: action === undefined ? `use one of: ${Object.keys(actions).join(", ")}` : action.usage,
    });
  }
  const { definition, environment, directory } = await loadPlatform(values);
  const paths = statePaths(directory, environment.name);
  const endpoints = definition.assets.filter((asset): asset is EndpointNode => asset.kind === "endpoint");
  const registry = openRegistry(paths.models);
  using journal = openJournal(paths.journal);
  try {
    const print = (document: object, text: string): void => void stdout.write(values.json ? `${JSON.stringify(document)}\n` : text);
    await action.perform({ registry, journal, binding: boundServer(environment), directory, endpoints, names, values, print });
    return exitCodes.done;
  } finally {
    registry.close();
  }
}

async function list(asked: Asked): Promise<void> {
  const { registry, journal, binding, directory, names, print } = asked;
  const endpoints = names[0] === undefined ? asked.endpoints : [endpointOf(asked)];
  const found = await Promise.all(
    endpoints.map(async ({ name, model, origin }) => {
      const champion = championOf(registry, { name, model, origin }).version;
      const division = divisionOf(journal, name, champion);
      const there = binding === null ? null : await withServer(binding, directory, (server) => server.versions(name));
      const versions = registry.list(model).filter(({ status }) => status === "accepted");
      return versions.map(({ version, aliases, created }) => {
        const served = there?.find((one) => one.version === String(version)) ?? null;
        const on = there === null ? null : { ready: served?.ready ?? false, percent: served?.percent ?? 0 };
        return { endpoint: name, model, version, aliases, created, percent: division[version] ?? 0, server: on };
      });
    }),
  );
  const versions = found.flat();
  const rows = versions.map(({ endpoint, model, version, aliases, percent, created, server }) => [
    endpoint,
    `${model}@${version}`,
    String(percent),
    ...(binding === null ? [] : [server?.ready === true ? String(server.percent) : "-"]),
    created.slice(0, 19).replace("T", " "),
    aliases.join(", "),
  ]);
  const heads = ["endpoint", "version", "percent", ...(binding === null ? [] : [`on ${binding.system}`]), "made (UTC)", "aliases"];
  print(
    { server: binding?.system ?? "embedded", versions },
    `${aligned([heads, ...rows], new Set([2, ...(binding === null ? [] : [3])])).join("\n")}\n`,
  );
}

async function share(asked: Asked): Promise<void> {
  const endpoint = endpointOf(asked);
  const parts = Object.fromEntries(asked.names.slice(1).map(partOf));
  if (Object.keys(parts).length !== asked.names.length - 1)
    throw new MillwrightError({ code: "bad-option", what: "a version is named twice", fix: "name each version once" });
  tell(asked, endpoint, await shareEndpoint(asked, endpoint, parts, deciderOf(asked.values)));
}

async function rollBack(asked: Asked): Promise<void> {
  needReason(asked.values);
  const endpoint = endpointOf(asked);
  tell(asked, endpoint, await rollBackEndpoint(asked, endpoint, deciderOf(asked.values)));
}

function tell({ binding, print }: Asked, { name }: EndpointNode, { division, previous }: Divided): void {
  const where = binding === null ? "a running up follows within two seconds" : `on ${binding.system}`;
  print(
    { endpoint: name, shares: division, previous },
    `${name}: ${divisionText(division)} (before: ${divisionText(previous)}); ${where}\n`,
  );
}

async function predict(asked: Asked): Promise<void> {
  const { values, print } = asked;
  const text = required(values.data, "--data", "endpoint");
  const content = text.startsWith("@") ? await readFile(text.slice(1), "utf8") : text;
  let data: unknown;
  try {
    data = JSON.parse(content);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new MillwrightError({
      code: "bad-data",
      what: `the data is not JSON: ${error.message}`,
      fix: "give --data '{\"feature\": 1, ...}', or --data @rows.json",
    });
  }
  const answer = await predictOnce(asked, endpointOf(asked), values.version ?? null, data);
  print(answer, predictionText(answer));
}

/** A row of outputs for each row of features. */
function predictionText({ model_version: version, outputs }: Prediction): string {
  const rows = Array.from({ length: outputs[0]?.shape[0] ?? 0 }, (_, row) =>
    outputs.map(({ data, shape }) => {
      const width = data.length / Math.max(1, shape[0] ?? 1);
      return data.slice(row * width, (row + 1) * width).join(" ");
    }),
  );
  return `${aligned([outputs.map(({ name }) => name), ...rows]).join("\n")}\nby version ${version}\n`;
}

function endpointOf({ endpoints, names: [name = ""] }: Asked): EndpointNode {
  const found = endpoints.find((endpoint) => endpoint.name === name);
  if (found !== undefined) return found;
  const names = endpoints.map((endpoint) => endpoint.name);
  throw new MillwrightError({ code: "unknown-asset", what: `there is no endpoint '${name}'`, fix: useOneOf(name, names) });
}

/** `3=90` */
function partOf(text: string): readonly [string, number] {
  const [, version, percent] = /^([A-Za-z0-9_-]+)=(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (version !== undefined && percent !== undefined) return [version, Number(percent)];
  throw new MillwrightError({
    code: "bad-option",
    what: `'${text}' is no part of the requests`,
    fix: "write VERSION=PERCENT, as in 3=90 4=10, or champion=90 challenger=10",
  });
}
