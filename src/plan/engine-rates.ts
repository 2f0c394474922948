/** One passage of the cleaning job of the benchmark `scale` through an engine, in seconds. */
export interface EnginePoint {
  readonly engine: "duckdb" | "spark";
  /** `cold`: from the start of the command, and of Spark's server; `warm`: the table alone, by an engine that has already done it once. */
  readonly state: "cold" | "warm";
  readonly rows: number;
  readonly seconds: number;
}

/** What both engines were measured to take for the same job on the same machine. */
export interface EngineRates {
  /** `2026-11-22` */
  readonly date: string;
  readonly machine: { readonly processor: string; readonly cores: number; /** Of all processes of an engine. */ readonly memory: string };
  readonly points: readonly EnginePoint[];
}

/** Written by `npm run bench -- scale --keep`. */
export const engineRates: EngineRates = {
  date: "2026-11-22",
  machine: { processor: "Intel(R) Xeon(R) Processor", cores: 2, memory: "4 GiB" },
  points: [],
};
