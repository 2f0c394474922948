import { MillwrightError } from "../error.ts";
import type { Deployments, VersionSource } from "./deployments.ts";
import type { Deployment, ModelSource } from "./deployment.ts";
import { Fault, shown } from "./fault.ts";
import { readLoadConfiguration } from "./model-config.ts";
import type { LoadConfiguration } from "./model-config.ts";

/** A version that could be served. */
export interface RepositoryVersion extends Omit<ModelSource, "name"> {
  /** Names that point to it: `champion`, `challenger`. */
  readonly aliases: readonly string[];
}

/** What there is to serve, asked anew by each request. */
export interface ModelRepository {
  /** Endpoints by name, each with its versions, oldest first. */
  models(): ReadonlyMap<string, readonly RepositoryVersion[]>;
}

/** An entry of the repository's index. */
export interface IndexEntry {
  readonly name: string;
  readonly version: string;
  readonly state: "READY" | "UNAVAILABLE";
  readonly reason: string;
}

/** Loads and unloads models as clients ask. */
export interface ModelControl {
  index(onlyReady: boolean): readonly IndexEntry[];
  /** @throws Fault 403 without a repository, 404 for an unknown model or version, 400 for wrong parameters, 422 when it cannot be served */
  load(name: string, parameters: Readonly<Record<string, unknown>>): Promise<void>;
  /** @throws Fault 403, 404, 400 */
  unload(name: string, parameters: Readonly<Record<string, unknown>>): Promise<void>;
  /** Whether a client has chosen what is served under this name. */
  isChosen(name: string): boolean;
}

const champion = "champion";
const challenger = "challenger";

/** @param repository null: what is served is not the clients' to choose */
export function createModelControl(deployments: Deployments, repository: ModelRepository | null): ModelControl {
  const chosen = new Set<string>();

  function known(name: string): readonly RepositoryVersion[] {
    if (repository === null)
      throw new Fault(403, "not-controlled", "models cannot be loaded or unloaded by request here: the server was started without it");
    const versions = repository.models().get(name);
    if (versions !== undefined && versions.length > 0) return versions;
    throw new Fault(404, "unknown-model", `the repository has no model ${shown(name)}`);
  }

  return {
    isChosen: (name) => chosen.has(name),
    index(onlyReady) {
      const served = deployments.all();
      const entries = served.map(indexEntry);
      for (const [name, versions] of repository?.models() ?? [])
        for (const { version } of versions)
          if (!served.some((each) => each.name === name && each.version === version))
            entries.push({ name, version, state: "UNAVAILABLE", reason: "unloaded" });
      return entries.filter(({ state }) => !onlyReady || state === "READY");
    },
    async load(name, parameters) {
      const versions = known(name);
      refuseOthers(parameters, "config");
      const configuration = readLoadConfiguration(name, parameters["config"]);
      try {
        await deployments.serve(name, chooseVersions(name, versions, configuration), configuration.limits);
      } catch (error) {
        if (!(error instanceof MillwrightError)) throw error;
        throw new Fault(error.problem.code === "wrong-share" ? 400 : 422, error.problem.code, error.problem.what);
      }
      chosen.add(name);
    },
    async unload(name, parameters) {
      known(name);
      // No model depends on another here, so that both answers to this one are the same.
      refuseOthers(parameters, "unload_dependents");
      chosen.add(name);
      await deployments.serve(name, []);
    },
  };
}

function refuseOthers(parameters: Readonly<Record<string, unknown>>, allowed: string): void {
  const unknown = Object.keys(parameters).find((name) => name !== allowed);
  if (unknown === undefined) return;
  throw new Fault(
    400,
    "unsupported",
    unknown.startsWith("file:")
      ? "a model's files cannot be sent: they come from the registry, with their hashes"
      : `the parameter ${shown(unknown)} is not known; there is '${allowed}'`,
  );
}

/** Who is served: the champion first, which is the default version; where there is none, the newest. */
function chooseVersions(
  name: string,
  versions: readonly RepositoryVersion[],
  { policy, percent, shadow }: LoadConfiguration,
): readonly VersionSource[] {
  const find = (reference: string): RepositoryVersion => {
    const found = versions.find(({ version, aliases }) => version === reference || aliases.includes(reference));
    if (found !== undefined) return found;
    throw new Fault(404, "unknown-version", `the repository has no version ${shown(reference)} of ${shown(name)}`);
  };
  const newestFirst = versions.toReversed();
  const champions = newestFirst.filter(({ aliases }) => aliases.includes(champion));
  let wanted: readonly RepositoryVersion[];
  if (policy.kind === "specific") wanted = policy.versions.map(find).toSorted((a, b) => newestFirst.indexOf(a) - newestFirst.indexOf(b));
  else if (policy.kind === "latest") wanted = newestFirst.slice(0, policy.count);
  else if (policy.kind === "all") wanted = newestFirst;
  else wanted = champions.length === 0 ? newestFirst.slice(0, 1) : newestFirst.filter(({ aliases }) => aliases.includes(challenger));
  const first = champions.filter((each) => policy.kind === "default" || wanted.includes(each));
  const served = [...new Set([...first, ...wanted])];
  const part = (parts: ReadonlyMap<string, number>): ReadonlyMap<RepositoryVersion, number> => {
    const found = new Map([...parts].map(([reference, number]) => [find(reference), number]));
    const absent = [...found.keys()].find((each) => !served.includes(each));
    if (absent !== undefined)
      throw new Fault(400, "wrong-share", `version ${absent.version} of ${shown(name)} gets a part, but is not served`);
    return found;
  };
  const [percents, shadows] = [part(percent), part(shadow)];
  return served.map((each) => {
    const { version, file, sha256 } = each;
    const [share, copied] = [percents.get(each), shadows.get(each)];
    return {
      version,
      file,
      ...(sha256 === undefined ? {} : { sha256 }),
      ...(share === undefined ? {} : { percent: share }),
      ...(copied === undefined ? {} : { shadow: copied }),
    };
  });
}

function indexEntry({ name, version, runner }: Deployment): IndexEntry {
  const ready = runner.alive() > 0;
  return {
    name,
    version,
    state: ready ? "READY" : "UNAVAILABLE",
    reason: ready ? "" : "its worker threads are being replaced",
  };
}
