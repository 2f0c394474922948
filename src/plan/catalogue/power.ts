/** What a region's electricity is like, and how much of it a provider's buildings take beside the machines. */
export interface Grid {
  readonly provider: string;
  readonly region: string;
  /** Power usage effectiveness: all power by that of the machines; null where the provider does not say. */
  readonly effectiveness: number | null;
  /** kg of CO2 equivalents for a kWh as consumed there, yearly mean of the grid (location-based: certificates and contracts do not lower it). */
  readonly intensity: number;
  /** The year that the figures are of. */
  readonly year: number;
  readonly source: string;
  /** Of the source. */
  readonly date: string;
}

const regions = { source: "Green-Software-Foundation/real-time-cloud@b2858aa Cloud_Region_Metadata.csv", date: "2026-03-12" };

function grid(
  provider: string,
  region: string,
  effectiveness: number | null,
  gramsPerKilowattHour: number,
  year: number,
  from: Pick<Grid, "source" | "date"> = regions,
): Grid {
  return Object.freeze({ provider, region, effectiveness, intensity: gramsPerKilowattHour / 1000, year, ...from });
}

/** By region; `grid-carbon-intensity-average-consumption-annual` and `power-usage-effectiveness` of the newest year that has the region. */
export const grids: readonly Grid[] = Object.freeze([
  grid("aws", "us-east-1", 1.15, 396.25, 2024),
  grid("aws", "us-east-2", 1.13, 396.25, 2024),
  grid("aws", "us-west-2", 1.12, 119.76, 2024),
  grid("aws", "eu-west-1", 1.11, 403.4, 2024),
  grid("aws", "eu-west-2", null, 187.89, 2023),
  grid("aws", "eu-central-1", 1.35, 370.93, 2024),
  grid("aws", "eu-north-1", 1.1, 24.71, 2024),
  grid("google", "us-central1", 1.1, 412.72, 2024),
  grid("google", "us-east4", 1.09, 323.05, 2024),
  grid("google", "europe-west1", 1.09, 103.37, 2024),
  grid("google", "europe-west3", null, 275.82, 2024),
  grid("google", "europe-west4", 1.07, 208.81, 2024),
  grid("azure", "eastus", 1.14, 396.25, 2023),
  grid("azure", "westeurope", 1.14, 283.17, 2023),
  grid("azure", "northeurope", 1.19, 403.4, 2023),
  grid("owned", "EU", null, 253, 2023, {
    source: "electricityMaps by Reuters (news.c2z.ai): mean of the six largest economies of Europe, January to November 2023",
    date: "2023-12",
  }),
  // The grid of the region where most machines stand: no mean of the country was found.
  grid("owned", "US", null, 396.25, 2024),
]);

/** What machines draw, by Cloud Carbon Footprint; accelerators draw what their vendor says at most. */
export const draw: {
  readonly perCoreIdle: number;
  readonly perCoreBusy: number;
  readonly perGibibyte: number;
  readonly use: number;
  readonly perTerabyte: number;
  readonly source: string;
  readonly date: string;
} = Object.freeze({
  /** Watts of a virtual core that does nothing, and of one that is busy: means over processors. */
  perCoreIdle: 0.74,
  perCoreBusy: 3.5,
  /** Watts of a GiB of memory. */
  perGibibyte: 0.392,
  /** How busy a core is on average. */
  use: 0.5,
  /** Watts of a TB on solid state disks, one copy. */
  perTerabyte: 1.2,
  source: "cloud-carbon-footprint@b7a049c7 AwsFootprintEstimationConstants.ts (Apache-2.0)",
  date: "2024-03-25",
});
