import type { BindingNode, EndpointNode } from "../define/node.ts";
import { MillwrightError } from "../error.ts";
import type { Decision } from "../registry/aliases.ts";
import { championOf } from "../registry/champion.ts";
import { readModelFile } from "../registry/files.ts";
import type { Registry } from "../registry/registry.ts";
import type { ModelVersion } from "../registry/version.ts";
import type { Journal } from "../run/journal.ts";
import { withServer } from "../run/model-server.ts";
import { divisionOf, earlierDivision, isSameDivision, type Division } from "./division.ts";
import { sharesOf } from "./endpoint.ts";
import { deployMissing } from "./place.ts";

/** Where a decision about an endpoint is carried out. */
export interface DecisionPlace {
  readonly registry: Registry;
  readonly journal: Journal;
  /** The server that the environment binds; null: `millwright up` serves, and follows the journal. */
  readonly binding: BindingNode | null;
  /** The platform file's folder. */
  readonly directory: string;
}

/** What a decision came to. */
export interface Divided {
  readonly division: Division;
  readonly previous: Division;
}

/**
 * Divides an endpoint's requests among versions of its model.
 *
 * @param parts percentages of 100 in all, by the version's number or alias
 * @throws MillwrightError `wrong-share`, `unknown-model`; `rejected-model` for a version that its gate did not accept, `model-file-changed`, and
 * what the server says: then everything stays as it was
 */
export async function shareEndpoint(
  place: DecisionPlace,
  endpoint: EndpointNode,
  parts: Readonly<Record<string, number>>,
  decision: Decision,
): Promise<Divided> {
  const { registry } = place;
  const versions = Object.keys(parts).map((reference) => registry.resolve(`${endpoint.model}@${reference}`));
  const percents = sharesOf(endpoint.name, Object.values(parts));
  const twice = versions.find(({ version }, index) => versions.findIndex((other) => other.version === version) !== index);
  if (twice !== undefined)
    throw new MillwrightError({
      code: "wrong-share",
      what: `version ${twice.version} is given a part twice`,
      fix: "name each version once",
    });
  for (const [index, version] of versions.entries()) if ((percents[index] ?? 0) > 0) await checkServable(version);
  const division = Object.fromEntries(
    versions.map(({ version }, index) => [version, percents[index] ?? 0]).filter(([, percent]) => percent !== 0),
  );
  return divide(place, endpoint, division, "shared", decision);
}

/**
 * Divides an endpoint's requests as they were divided before; once more, as before that.
 *
 * @throws MillwrightError `no-earlier-division`, and as `shareEndpoint` does
 */
export async function rollBackEndpoint(place: DecisionPlace, endpoint: EndpointNode, decision: Decision): Promise<Divided> {
  const { registry, journal } = place;
  const earlier = earlierDivision(journal, endpoint.name, championOf(registry, endpoint).version);
  if (earlier === null)
    throw new MillwrightError({
      code: "no-earlier-division",
      what: `the requests of ${endpoint.name} have never been divided otherwise`,
      fix: `say how: millwright endpoint share ${endpoint.name} VERSION=PERCENT ...`,
    });
  for (const version of Object.keys(earlier)) await checkServable(registry.resolve(`${endpoint.model}@${version}`));
  return divide(place, endpoint, earlier, "rolled-back", decision);
}

async function divide(
  { registry, journal, binding, directory }: DecisionPlace,
  endpoint: EndpointNode,
  division: Division,
  cause: "shared" | "rolled-back",
  { by, because }: Decision,
): Promise<Divided> {
  const champion = championOf(registry, endpoint).version;
  const previous = divisionOf(journal, endpoint.name, champion);
  if (cause === "shared" && isSameDivision(previous, division)) return { division, previous };
  // The server first: what it refuses has not happened.
  if (binding !== null)
    await withServer(binding, directory, async (server) => {
      await deployMissing(server, endpoint, registry, Object.keys(division));
      await server.share(endpoint.name, division);
    });
  const server = binding === null ? {} : { server: binding.system };
  journal.append({
    type: "endpoint.shared",
    asset: endpoint.name,
    body: { shares: division, previous, champion, cause, by, because, ...server },
  });
  return { division, previous };
}

/** Only what its gate accepted, and is still what was registered, may answer anybody. */
async function checkServable(version: ModelVersion): Promise<void> {
  if (version.status === "accepted") return void (await readModelFile(version, "model.onnx"));
  throw new MillwrightError({
    code: "rejected-model",
    what: `version ${version.version} of model '${version.model}' missed its gate and cannot answer requests`,
    fix: "train a better one, or change the gate",
  });
}
