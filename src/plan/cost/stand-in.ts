import { instances } from "../catalogue/instances/index.ts";
import { jurisdictionOf, standIns, type Jurisdiction, type Site } from "./site.ts";

/** A region whose prices may stand for a site's. */
export interface StandIn {
  readonly region: string;
  /** What a price there is multiplied by here, at least and at most; null where no machine is known in both. */
  readonly factors: readonly [low: number, high: number] | null;
}

/**
 * Whether a region's prices may stand for a site's, and how far off they may be. In the same part of the world they may; in another only where machines whose
 * prices are known in both tell how prices differ; of a region that nobody knows the place of, none may.
 */
export function standInFor(site: Site, region: string): StandIn | null {
  const here = jurisdictionOf(site.region);
  const there = placeOf(region);
  if (here === null || there === null) return null;
  const factors =
    factorsOf(site, region) ??
    (here === there ? null : factorsOf({ ...site, region: representative(site, here) }, representative(site, there)));
  return here !== there && factors === null ? null : { region, factors };
}

/** The part of the world that a row's region lies in; it may name several, or lie in words: `major US regions`, `West Europe`. */
function placeOf(region: string): Jurisdiction | null {
  const words = [region.replaceAll(" ", ""), ...region.split(/[\s;,()]+/)];
  return words.map(jurisdictionOf).find((one) => one !== null) ?? null;
}

/** The region that the catalogue knows best in a part of the world. */
function representative(site: Site, jurisdiction: Jurisdiction): string {
  return [site.region, ...standIns(site)].find((region) => jurisdictionOf(region) === jurisdiction) ?? site.region;
}

/** The least and the greatest ratio of prices of the machines that are known in both regions, and 1. */
function factorsOf({ provider, region: to }: Site, from: string): StandIn["factors"] {
  const of = (region: string) =>
    new Map(instances.filter((one) => one.provider === provider && one.region === region).map(({ type, onDemand }) => [type, onDemand]));
  const there = of(to);
  const ratios = [...of(from)].flatMap(([type, price]) => {
    const other = there.get(type);
    return price === null || other === null || other === undefined ? [] : [other / price];
  });
  return ratios.length === 0 ? null : [Math.min(1, ...ratios), Math.max(1, ...ratios)];
}
