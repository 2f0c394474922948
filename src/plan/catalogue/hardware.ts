import { instance, type Instance } from "./instances/instance.ts";

const server = {
  source:
    "SemiAnalysis, AI Server Cost Analysis (2023-05): 10,424 dollars for two Sapphire Rapids and 1 TB, to a large buyer; 32 cores of two threads in each are our assumption",
  date: "2023-05",
};
const dgxH100 = { source: "SemiAnalysis, AI Server Cost Analysis (2023-05): a DGX H100 for 269,010 dollars", date: "2023-05" };
const dgxA100 = {
  source: "NVIDIA's price at the launch of the DGX A100, 199,000 dollars (pipedot.org/53G36, after AnandTech)",
  date: "2020-05-14",
};
const cards = (price: string) => ({
  source: `the server of 128 threads with four cards (assumption), each ${price} dollars: suggested price by chipversus.com; ${server.source}`,
  date: "2026-11-22",
});
const orinNano = { source: "NVIDIA's Jetson Orin Nano Super developer kit, 249 dollars (brojogopalsapui.com)", date: "2024-12" };

/** Machines that one can buy. Their price is that of the machine, in US dollars: it stands where rented ones have the hour's. */
export const hardware: readonly Instance[] = Object.freeze([
  instance("owned", "server of 128 threads", "any", null, [0, 128, 1024, 10_424, null], server),
  instance("owned", "DGX H100", "any", "H100 SXM5 80GB", [8, 224, 2048, 269_010, null], dgxH100),
  instance("owned", "DGX A100", "any", "A100 SXM4 40GB", [8, 256, 1024, 199_000, null], dgxA100),
  instance("owned", "server with 4 L4", "any", "L4", [4, 128, 1024, 19_804, null], cards("2,345")),
  instance("owned", "server with 4 T4", "any", "T4", [4, 128, 1024, 17_944, null], cards("1,880")),
  instance("owned", "Jetson Orin Nano", "any", "Jetson Orin Nano 8GB", [1, 6, 8, 249, null], orinNano),
]);

/** A figure that owned hardware is reckoned with, and what it is called where a person gives another. */
export interface Rate {
  readonly name: string;
  readonly value: number;
  readonly source: string;
  readonly date: string;
}

/** What owning costs beside the machines. Those whose source says "assumption" are ours, and are there to be replaced. */
export const rates: Readonly<
  Record<
    "years" | "effectiveness" | "electricityEU" | "electricityUS" | "wage" | "machinesPerPerson" | "leastPeople" | "disk" | "copies",
    Rate
  >
> = Object.freeze({
  years: { name: "owned/years", value: 4, source: "assumption: years after which machines are written off", date: "2026-11-22" },
  effectiveness: {
    name: "owned/effectiveness",
    value: 1.56,
    source: "Uptime Institute's survey of 2024: mean of the largest data centre of each operator",
    date: "2024",
  },
  electricityEU: {
    name: "owned/electricity",
    value: 0.2073,
    source: "Eurostat nrg_pc_205, non-household, first half of 2025: 0.1902 EUR, at 1.09 dollars (assumption)",
    date: "2025-10-29",
  },
  electricityUS: {
    name: "owned/electricity",
    value: 0.0815,
    source: "mean of industrial consumers in the United States in 2024 (Statista, after the EIA)",
    date: "2024",
  },
  wage: {
    name: "owned/administrator",
    value: 10_487,
    source: "BLS, May 2024: median of administrators 96,800 dollars a year, with 30 % on top for the employer (assumption), by twelve",
    date: "2024-05",
  },
  machinesPerPerson: {
    name: "owned/machines-per-administrator",
    value: 100,
    source: "assumption: machines that one person looks after",
    date: "2026-11-22",
  },
  leastPeople: {
    name: "owned/least-administrators",
    value: 0.25,
    source: "assumption: a quarter of a person, however few machines",
    date: "2026-11-22",
  },
  disk: { name: "owned/disk", value: 0.014, source: "Backblaze, 2022: mean price of a GB on 16 TB drives", date: "2022-11-29" },
  copies: { name: "owned/copies", value: 3, source: "assumption: copies of each byte", date: "2026-11-22" },
});

/** A year's commitment against the hour on demand, where a source was found. */
export interface Commitment {
  readonly provider: string;
  /** Which machine types it is of. */
  readonly types: RegExp;
  /** Of the price on demand. */
  readonly share: number;
  readonly source: string;
  readonly date: string;
}

export const commitments: readonly Commitment[] = Object.freeze([
  {
    provider: "aws",
    types: /^g6e\./,
    share: 0.629,
    source:
      "https://modal.com/blog/nvidia-l40s-price-article: g6e.xlarge about 1.17 dollars an hour for a year without upfront, against 1.861",
    date: "2025-08-12",
  },
  {
    provider: "google",
    types: /^(e2|n1|n2)-/,
    share: 0.72,
    source: "Google's announcement of flexible committed use discounts: 28 % for a year (aster.cloud)",
    date: "2022-12-05",
  },
  {
    provider: "azure",
    types: /^Standard_D\d+s_v5$/,
    share: 0.5898,
    source: "https://cloudecon.com/2023/09/vmreservations/: D2s_v5 495.99 dollars a year, against 840.96 on demand",
    date: "2023-09",
  },
]);
