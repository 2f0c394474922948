import type { Place, RequirementNode } from "../../define/node.ts";
import { instances } from "../catalogue/instances/index.ts";
import { grids } from "../catalogue/power.ts";
import type { PlanInput, Purchase } from "../vocabulary.ts";

/** Where a platform is reckoned to stand, and how its machines are bought. */
export interface Site {
  readonly provider: Place["provider"];
  readonly region: string;
  readonly purchase: Purchase;
  /** Why this region. */
  readonly because: string;
}

/** A part of the world, as far as prices and law go. */
export type Jurisdiction = "EU" | "US";

/** The region of each provider whose prices the catalogue knows best, by jurisdiction. */
const known: Readonly<Record<Place["provider"], Readonly<Record<Jurisdiction, string>>>> = {
  aws: { EU: "eu-west-1", US: "us-east-1" },
  google: { EU: "europe-west4", US: "us-central1" },
  azure: { EU: "westeurope", US: "eastus" },
  lambda: { EU: "europe-central-1", US: "us-east-1" },
  nebius: { EU: "eu-north1", US: "us-central1" },
  owned: { EU: "EU", US: "US" },
};

/** Providers in the order in which they stand side by side. */
export const providers: readonly Place["provider"][] = ["aws", "google", "azure", "lambda", "nebius", "owned"];

/** The part of the world that a region lies in, by how providers name theirs; null when its name does not say. London (`eu-west-2`) is not in the EU, but near. */
export function jurisdictionOf(region: string): Jurisdiction | null {
  if (/^(eu$|eu[-_]|europe|westeurope|northeurope|germany|france|sweden|poland|italy|spain)/i.test(region)) return "EU";
  return /^(us$|us[-_]|usa$|(east|west|north|south|central)+us|northamerica)/i.test(region) ? "US" : null;
}

/** The region of a provider that stands for what the environment or the requirement says, and why. */
export function siteOf({ definition, environment }: PlanInput, provider: Place["provider"], purchase: Purchase): Site {
  const { place } = environment;
  const required = definition.requirements.find(({ name }: RequirementNode) => name === "region")?.text ?? null;
  if (place?.provider === provider && place.region !== null)
    return site(provider, place.region, purchase, "the environment says where it stands");
  const asked = place?.region ?? required;
  if (asked === null)
    return site(provider, known[provider].US, purchase, "nothing says where it must stand; the catalogue knows most prices there");
  const by = place?.region === asked ? "the environment" : "the requirement";
  if (hasRegion(provider, asked)) return site(provider, asked, purchase, `${by} names it`);
  const jurisdiction = jurisdictionOf(asked);
  if (jurisdiction === null) return site(provider, known[provider].US, purchase, `the catalogue does not know where ${asked} is`);
  const which = provider === "owned" ? "a site there" : `the region of ${provider} there whose prices are known best`;
  return site(provider, known[provider][jurisdiction], purchase, `${by} says ${asked}: ${which}`);
}

/** Whether the catalogue knows a region of that name of the provider: `us-east-1` is Amazon's and Lambda's, not Google's. */
function hasRegion(provider: Place["provider"], region: string): boolean {
  return [...instances, ...grids].some((row) => row.provider === provider && row.region === region);
}

function site(provider: Place["provider"], region: string, purchase: Purchase, because: string): Site {
  return Object.freeze({ provider, region, purchase, because });
}

/** Regions whose prices may stand in for a region's, nearest first. */
export function standIns({ provider, region }: Site): readonly string[] {
  const jurisdiction = jurisdictionOf(region);
  return [...(jurisdiction === null ? [] : [known[provider][jurisdiction]]), known[provider].US, known[provider].EU].filter(
    (one) => one !== region,
  );
}
