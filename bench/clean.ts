import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Column } from "../src/define/column.ts";
import type { Definition, TableNode } from "../src/define/node.ts";
import type { Session } from "../src/run/session.ts";
import type { Engine } from "../src/systems/roles.ts";
import type { Bench, Finding, Measurement } from "./bench.ts";
import { built } from "./built.ts";
import { cleanSql, type CleanSql } from "./clean-sql.ts";
import { flightsQuery } from "./flights.ts";
import { alternate, ratioOf, spreadOf, timed, type Sample, type Variant } from "./measure.ts";

const { buildTable }: typeof import("../src/transform/build.ts") = await import(built("transform/build"));
const { openSession }: typeof import("../src/run/session.ts") = await import(built("run/session"));
const { readHead }: typeof import("../src/lake/catalog/heads.ts") = await import(built("lake/catalog/heads"));
const { silent }: typeof import("../src/run/report.ts") = await import(built("run/report"));

/** The most that the product may take of the time of the fastest SQL that writes the same table. */
const limit = 1.3;

export const bench: Bench = {
  name: "clean",
  title: "the example's flights_clean, as a run builds it, against the same work in SQL by hand",
  async run(note) {
    const directory = await mkdtemp(join(tmpdir(), "millwright-bench-"));
    const { default: definition }: { default: Definition } = await import(new URL("../examples/flights/platform.ts", import.meta.url).href);
    const environment = definition.environments["local"];
    const node = definition.assets.find((asset) => asset.name === "flights_clean");
    if (environment === undefined || node?.kind !== "table") throw new Error("the example has no table flights_clean");
    const session = openSession({ definition, environment, directory, signal: new AbortController().signal, reporter: silent });
    try {
      const reports: { measurements: Measurement[]; findings: Finding[] }[] = [];
      for (const subject of subjects) {
        note(`${subject.subject}: ${subject.rounds} rounds and one to warm up`);
        reports.push(await compare(session, node, subject));
      }
      return { measurements: reports.flatMap((report) => report.measurements), findings: reports.flatMap((report) => report.findings) };
    } finally {
      await session.close();
      await rm(directory, { recursive: true, force: true });
    }
  },
};

interface Subject {
  readonly subject: string;
  /** Yields the flights as the source has them. */
  readonly query: string;
  readonly rounds: number;
  /** The ways of writing the SQL that are compared, and those of them that also write Parquet. */
  readonly sql: readonly CleanSql[];
  readonly parquet: readonly CleanSql[];
}

const columns: readonly Column[] = [
  { name: "id", type: "bigint" },
  ...["year", "month", "day", "dep_time", "sched_dep_time"].map((name): Column => ({ name, type: "integer" })),
  { name: "dep_delay", type: "double" },
  ...["arr_time", "sched_arr_time"].map((name): Column => ({ name, type: "integer" })),
  { name: "arr_delay", type: "double" },
  { name: "carrier", type: "text" },
  { name: "flight", type: "integer" },
  ...["tailnum", "origin", "dest"].map((name): Column => ({ name, type: "text" })),
  ...["air_time", "distance"].map((name): Column => ({ name, type: "double" })),
  ...["hour", "minute"].map((name): Column => ({ name, type: "integer" })),
  { name: "time_hour", type: "text" },
  { name: "updated_at", type: "timestamp" },
];

/** The data set has no repeated key and no row that is refused; ten times as much of it gets some of each. */
const tenfold = `
  with copies as (select * replace (id + 336776 * copy as id) from (${flightsQuery}), range(10) as c(copy)),
  damaged as (
    select * exclude (copy) replace (if(id % 1000 = 7, 99999, distance) as distance, if(id % 2000 = 9, 'soon', time_hour) as time_hour) from copies
  )
  from damaged union all select * replace (updated_at - interval 1 hour as updated_at) from damaged where id % 100 = 3`;

const subjects: readonly Subject[] = [
  { subject: "336,776 flights", query: flightsQuery, rounds: 7, sql: cleanSql, parquet: cleanSql.slice(1) },
  { subject: "3,367,760 flights, 1% twice, 0.15% refused", query: tenfold, rounds: 3, sql: cleanSql.slice(1), parquet: cleanSql.slice(2) },
];

async function compare(
  session: Session,
  node: TableNode,
  { subject, query, rounds, sql, parquet }: Subject,
): Promise<{ measurements: Measurement[]; findings: Finding[] }> {
  const engine = await session.engine();
  await engine.write({
    table: "flights",
    columns,
    mode: "replace",
    key: [],
    query,
    rejected: null,
    began: performance.now(),
    note: { run: session.run, definition: subject, inputs: {}, position: null, fingerprint: null, fitted: null },
  });
  session.refresh("flights");
  const flights = engine.relation("flights", session.heads.get("flights")?.snapshot ?? null);
  const variants: Variant[] = [
    {
      name: "millwright",
      measure: (round) => timed(() => buildTable(session, { ...node, name: `built_${round}` })),
      after: (round) => (round === 0 ? Promise.resolve() : drop(session, engine, [`built_${round}`, `built_${round}_quarantine`])),
    },
    ...sql.map(({ name, statements }, index): Variant => {
      const table = (round: number) => `sql_${index}_${round}`;
      return {
        name: `${name}, into Iceberg`,
        measure: (round) =>
          timed(() =>
            askAll(
              engine,
              statements({
                flights,
                into: { table: lake(session, table(round)) },
                quarantine: { table: lake(session, `${table(round)}_quarantine`) },
              }),
            ),
          ),
        async after(round) {
          // The first round warms up: what it made is compared instead.
          if (round === 0) await requireEqual(session, engine, table(round));
          await drop(session, engine, [table(round), `${table(round)}_quarantine`]);
        },
      };
    }),
    ...parquet.map(({ name, statements }): Variant => {
      const file = (of: string) => join(session.paths.state, `${of}.parquet`);
      return {
        name: `${name}, into Parquet`,
        measure: () =>
          timed(() => askAll(engine, statements({ flights, into: { parquet: file("clean") }, quarantine: { parquet: file("refused") } }))),
        after: () => Promise.all(["clean", "refused"].map((of) => rm(file(of)))).then(() => undefined),
      };
    }),
  ];
  const samples = await alternate(variants, { rounds, discarded: 1 });
  await drop(session, engine, ["built_0", "built_0_quarantine"]);
  return {
    measurements: [...samples].map(([variant, taken]) => ({ subject, variant, samples: taken })),
    findings: findings(subject, samples),
  };
}

function findings(subject: string, samples: ReadonlyMap<string, readonly Sample[]>): Finding[] {
  const own = samples.get("millwright") ?? [];
  const against = (target: string) =>
    [...samples]
      .filter(([name]) => name.endsWith(target))
      .toSorted(([, a], [, b]) => spreadOf(a.map(({ wall }) => wall)).median - spreadOf(b.map(({ wall }) => wall)).median);
  return ["into Iceberg", "into Parquet"].flatMap((target): Finding[] => {
    const [fastest] = against(target);
    if (fastest === undefined) return [];
    const [name, others] = fastest;
    return [
      {
        what: `${subject}: millwright against the fastest ${name}`,
        unit: "times",
        value: ratioOf(own, others, "wall"),
        cpu: ratioOf(own, others, "cpu"),
        limit: target === "into Iceberg" ? limit : null,
      },
    ];
  });
}

function lake(session: Session, table: string): string {
  return `lake."${session.definition.name}"."${table}"`;
}

async function askAll(engine: Engine, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await engine.ask(statement);
}

/** Both must have made the same table, and refused the same rows for the same reasons: otherwise they did not do the same work. */
async function requireEqual(session: Session, engine: Engine, other: string): Promise<void> {
  const refused = (table: string) => `(select raw->>'id' as id, reason from ${lake(session, `${table}_quarantine`)})`;
  const none = "(select '' as id, '' as reason where false)";
  const quarantined = readHead(session.paths.state, session.definition.name, "built_0_quarantine") !== null;
  const differences = (a: string, b: string) => `(select count(*) from (from ${a} except all from ${b}))`;
  for (const [ours, theirs] of [
    [lake(session, "built_0"), lake(session, other)],
    [quarantined ? refused("built_0") : none, refused(other)],
  ] as const) {
    const [row] = await engine.ask(`select ${differences(ours, theirs)} + ${differences(theirs, ours)} as n`);
    if (row?.["n"] !== 0) throw new Error(`${ours} and ${theirs} differ in ${String(row?.["n"])} rows`);
  }
}

/** Takes tables away with their files: a round leaves hundreds of megabytes. */
async function drop(session: Session, engine: Engine, tables: readonly string[]): Promise<void> {
  for (const table of tables) {
    const head = readHead(session.paths.state, session.definition.name, table);
    session.heads.delete(table);
    if (head === null) continue;
    await engine.ask(`drop table ${lake(session, table)}`);
    await rm(dirname(dirname(head.metadataLocation.replace(/^file:\/\//, ""))), { recursive: true, force: true });
  }
}
