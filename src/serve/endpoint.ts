import { MillwrightError } from "../error.ts";
import type { Deployment } from "./deployment.ts";

/** A version of an endpoint that is loaded, and which requests it gets. */
export interface ServedVersion {
  readonly deployment: Deployment;
  /** Of the requests that name no version, 0 to 100. */
  readonly percent: number;
  /** Of the requests that another version answers, those that it is asked too, 0 to 100: its answers are measured and logged, and go to nobody. */
  readonly shadow: number;
}

/** The versions that answer under one name. */
export interface Endpoint {
  readonly name: string;
  /** The default version first: it is described where no version is named. */
  readonly versions: readonly [ServedVersion, ...ServedVersion[]];
  find(version: string): Deployment | undefined;
  /** Who answers the next request that names no version. The parts are exact: of any 100 requests in a row each version gets its percentage. */
  next(): Deployment;
  /** Who is asked too, beside the version that answers. */
  shadows(answering: Deployment): readonly Deployment[];
}

export function createEndpoint(name: string, versions: Endpoint["versions"]): Endpoint {
  const byVersion = new Map(versions.map(({ deployment }) => [deployment.version, deployment]));
  const next = turns(versions);
  const followers = versions
    .filter(({ shadow }) => shadow > 0)
    .map(({ deployment, shadow }) => ({
      deployment,
      due: turns([
        { part: true, percent: shadow },
        { part: false, percent: 100 - shadow },
      ]),
    }));
  const [first] = versions;
  return {
    name,
    versions,
    find: (version) => byVersion.get(version),
    next: versions.length === 1 ? () => first.deployment : () => next().deployment,
    shadows(answering) {
      if (followers.length === 0) return [];
      return followers.filter(({ deployment, due }) => deployment !== answering && due().part).map(({ deployment }) => deployment);
    },
  };
}

/** Gives the parts in turn, as often as their percentages say, as evenly as they allow (smooth weighted round robin). */
export function turns<Part extends { readonly percent: number }>(parts: readonly [Part, ...Part[]]): () => Part {
  const credit = parts.map(() => 0);
  return () => {
    let chosen = 0;
    parts.forEach(({ percent }, index) => {
      credit[index] = (credit[index] ?? 0) + percent;
      if ((credit[index] ?? 0) > (credit[chosen] ?? 0)) chosen = index;
    });
    credit[chosen] = (credit[chosen] ?? 0) - 100;
    return parts[chosen] ?? parts[0];
  };
}

/**
 * The percentages of versions, where some are left out: the first version gets what the others leave.
 * @throws MillwrightError `wrong-share` when they are not 100 in all
 */
export function sharesOf(name: string, percents: readonly (number | undefined)[]): readonly number[] {
  const given = percents.reduce<number>((sum, percent) => sum + (percent ?? 0), 0);
  const shares = percents.map((percent, index) => percent ?? (index === 0 ? 100 - given : 0));
  const sum = shares.reduce((total, percent) => total + percent, 0);
  if (Math.abs(sum - 100) < 1e-9 && shares.every((percent) => percent >= 0 && percent <= 100)) return shares;
  throw new MillwrightError({
    code: "wrong-share",
    what: `the versions of ${name} cannot get ${shares.join(", ")} percent of its requests`,
    fix: "give percentages from 0 to 100 that are 100 in all; the first version may be left out and gets what the others leave",
  });
}
