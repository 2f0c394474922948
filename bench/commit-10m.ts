import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Bench, BenchOptions, BenchReport } from "./bench.ts";
import { built } from "./built.ts";
import { alternate, ratioOf, timed } from "./measure.ts";
import { syncToDisk } from "./sync.ts";

const { openDuckDBEngine }: typeof import("../src/systems/duckdb/engine.ts") = await import(built("systems/duckdb/engine"));
const { localLake }: typeof import("../src/lake/local.ts") = await import(built("lake/local"));
const { startCatalog }: typeof import("../src/lake/catalog/start.ts") = await import(built("lake/catalog/start"));
const { readHead }: typeof import("../src/lake/catalog/heads.ts") = await import(built("lake/catalog/heads"));

/** The most that a commit may take of the time of a plain COPY of the same rows. */
const limit = 1.1;

export const bench: Bench = {
  name: "commit-10m",
  title: "10 million rows committed to an Iceberg table through the durable catalog, against a plain Parquet COPY of the same rows",
  async run(note, options) {
    const directory = await mkdtemp(join(tmpdir(), "millwright-bench-"));
    try {
      return await compare(directory, note, options);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
};

/** Random rows, so that no encoding is much shorter than another, held in memory before anything is measured. */
const rowsOf = (rows: number) => `
  select range as id, hash(range) % 1000000 as customer, (hash(range, 1) % 1000000) / 100.0::double as amount,
    'product ' || (hash(range, 2) % 5000) as product, timestamp '2026-01-01' + to_seconds(range) as time, hash(range, 3) % 3 = 0 as returned
  from range(${rows})`;

async function compare(directory: string, note: (text: string) => void, options: BenchOptions): Promise<BenchReport> {
  const { rows = 10_000_000, rounds = 7 } = options;
  const catalog = await startCatalog({ directory });
  const engine = await openDuckDBEngine({ namespace: "bench", catalog, lake: localLake(directory), state: directory });
  try {
    const kept = await engine.keep(`select * replace (cast(customer as bigint) as customer) from (${rowsOf(rows)})`);
    const columns = await engine.describe(`select * from ${kept.relation}`);
    const query = `select * from ${kept.relation}`;
    const file = join(directory, "plain.parquet");
    let size = 0;
    note(`${rows.toLocaleString("en-US")} rows in memory; ${rounds} rounds and one to warm up`);
    const samples = await alternate(
      [
        {
          name: "committed through the catalog",
          measure: (round) =>
            timed(() =>
              engine.write({
                table: `rows_${round}`,
                columns,
                mode: "replace",
                key: [],
                query,
                rejected: null,
                began: performance.now(),
                note: { run: "bench", definition: "", inputs: {}, position: null, fingerprint: null, fitted: null },
              }),
            ),
          async after(round) {
            const head = readHead(directory, "bench", `rows_${round}`);
            if (head === null) throw new Error("the commit left no table");
            if (Number(head.summary["total-records"]) !== rows) throw new Error(`${head.summary["total-records"]} rows were committed`);
            size = Number(head.summary["total-files-size"]);
            await rm(dirname(dirname(head.metadataLocation.replace(/^file:\/\//, ""))), { recursive: true, force: true });
          },
        },
        {
          name: "plain COPY to Parquet, synced",
          // A commit stands on the disk before it counts, rows and all: so must the plain file.
          measure: () => timed(() => engine.ask(`copy (${query}) to '${file}' (format parquet)`).then(() => syncToDisk(file))),
          async after() {
            const plain = (await stat(file)).size;
            // Both must have written the same with the same compression.
            if (Math.abs(size / plain - 1) > 0.05) throw new Error(`the table has ${size} bytes, the plain file ${plain}`);
            await rm(file);
          },
        },
      ],
      { rounds, discarded: 1 },
    );
    const subject = `${rows.toLocaleString("en-US")} rows of 6 columns`;
    const [own = [], plain = []] = [...samples.values()];
    return {
      measurements: [...samples].map(([variant, taken]) => ({ subject, variant, samples: taken })),
      findings: [
        {
          what: `${subject}: committed against copied`,
          unit: "times",
          value: ratioOf(own, plain, "wall"),
          cpu: ratioOf(own, plain, "cpu"),
          limit,
        },
      ],
    };
  } finally {
    await engine.close();
    await catalog.stop();
  }
}
