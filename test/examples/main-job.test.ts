import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { damage } from "../../examples/flights/helpers/damage.ts";
import type { GatesManifest } from "../../examples/flights/prepare.ts";
import { loadMySQL } from "../../examples/flights/load-mysql.ts";
import { startMySQL, type MySQL } from "../servers/mysql.ts";
import { pythonEnvironment } from "../servers/python.ts";
import { referenceCarrierMonth, referenceCounts, referenceFlights, referenceLate } from "./reference.ts";
import { flightsWorkspace, type Workspace } from "./workspace.ts";

const python = ["pyiceberg==0.12.0", "pyarrow==26.0.1", "tritonclient[http]==2.73.0", "numpy==2.4.6"];

/** Every row of a table as one number, whatever the order of the rows. */
const tableHash = (table: string) => `select count(*) as rows, sum(hash(t)::hugeint)::varchar as hash from ${table} as t`;

interface Status {
  readonly assets: readonly {
    readonly name: string;
    readonly kind: string;
    readonly status: string;
    readonly rows: number | null;
    readonly snapshot: string | null;
    readonly seconds: number | null;
  }[];
}

let workspace: Workspace;

beforeAll(async () => {
  workspace = await flightsWorkspace();
  const { code, stderr } = await workspace.millwright(["run"]);
  expect(stderr).toContain("succeeded");
  expect(code).toBe(0);
}, 600_000);

afterAll(() => workspace.remove());

describe("examples/flights on embedded defaults", () => {
  test("status tells every asset with rows, snapshot and seconds, all fresh", async () => {
    const { code, stdout } = await workspace.millwright(["status", "--json"]);
    const { assets }: Status = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(Object.fromEntries(assets.map(({ name, kind }) => [name, kind]))).toMatchObject({
      flights: "source",
      planes: "source",
      airports: "source",
      airlines: "source",
      weather: "source",
      events: "source",
      flights_clean: "table",
      delay_features: "table",
      carrier_month: "table",
      arrival_delay: "model",
      delay: "endpoint",
    });
    expect(assets.filter(({ status }) => status !== "fresh")).toEqual([]);
    expect(assets.find(({ name }) => name === "flights")?.rows).toBe(336_776);
    for (const { kind, snapshot, seconds } of assets) {
      expect(typeof snapshot === "string" && (kind === "model" || kind === "endpoint" || /^\d{10,}$/.test(snapshot))).toBe(true);
      expect(typeof seconds).toBe("number");
    }
  });

  test("the tables hold as many rows as the files, and the gate log's bad lines are in quarantine", async () => {
    const counts = await referenceCounts();
    for (const [table, rows] of Object.entries(counts))
      expect(await workspace.query(`select count(*) as n from ${table}`)).toEqual([{ n: rows }]);
    const manifest: GatesManifest = JSON.parse(await readFile(join(workspace.folder, ".data", "gates", "manifest.json"), "utf8"));
    const lines = manifest.files.reduce((sum, file) => sum + file.lines, 0);
    const { truncated } = damage;
    expect(await workspace.query("select count(*) as n from events")).toEqual([{ n: lines - truncated }]);
    expect(
      await workspace.query(
        "select count(*) as n, count(distinct origin) as places, min(length(reason)) > 0 as reasons from events_quarantine",
      ),
    ).toEqual([{ n: truncated, places: truncated, reasons: true }]);
  });

  test("carrier_month in the warehouse agrees with the same question asked of the CSV file", async () => {
    const flights = await referenceFlights();
    const rows = await workspace.query(
      "select carrier, month, flights, share_late, median_delay from carrier_month order by carrier, month",
    );
    const expected = referenceCarrierMonth(flights);
    expect(rows.length).toBe(expected.length);
    for (const [index, row] of rows.entries()) {
      const wanted = expected[index];
      expect(row).toMatchObject({ carrier: wanted?.carrier, month: wanted?.month, flights: wanted?.flights });
      for (const name of ["share_late", "median_delay"] as const) {
        if (wanted?.[name] === null) expect(row[name]).toBeNull();
        else expect(Number(row[name])).toBeCloseTo(Number(wanted?.[name]), 9);
      }
    }
    const { late, known } = referenceLate(flights);
    expect(await workspace.query("select count(*) filter (where late) as late, count(late) as known from flights_clean")).toEqual([
      { late, known },
    ]);
  });

  test("the model's AUC on the last 60 days is good and not too good to be true", async () => {
    const { stdout } = await workspace.millwright(["status", "--json"]);
    expect(JSON.parse(stdout)).toBeTruthy();
    const metrics = await modelFile("metrics.json");
    const { auc, parity }: { readonly auc: number; readonly parity: { readonly rows: number; readonly maximumDifference: number } } =
      JSON.parse(metrics);
    expect(auc).toBeGreaterThanOrEqual(0.72);
    expect(auc).toBeLessThanOrEqual(0.77);
    expect(parity.rows).toBeGreaterThan(50_000);
    expect(parity.maximumDifference).toBeLessThanOrEqual(1e-5);
  });

  test("a second run changes nothing", async () => {
    const { code, stdout } = await workspace.millwright(["run", "--json"]);
    const { results }: { readonly results: readonly { readonly asset: string; readonly outcome: string }[] } = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(results.filter(({ outcome }) => outcome !== "unchanged")).toEqual([]);
  });

  test("lineage follows a feature down to the columns of the sources", async () => {
    const { code, stdout } = await workspace.millwright(["lineage", "delay_features", "--column", "recent_delay"]);
    expect(code).toBe(0);
    expect(stdout).toContain("events");
    expect(stdout).toContain("scheduled");
  });

  test("PyIceberg reads every table through the catalog of `up`, and tritonclient gets health, metadata and the right probabilities", async () => {
    const { assets }: Status = JSON.parse((await workspace.millwright(["status", "--json"])).stdout);
    const tables = assets.filter(({ kind }) => kind === "source" || kind === "table").map(({ name, rows }) => ({ name, rows }));
    const features = await workspace.query("select * from delay_features where scheduled >= '2013-11-15' order by id limit 200");
    const expected = await predict(features);
    const running = await workspace.up();
    try {
      // A run beside it shares its helpers and finds nothing to do.
      const beside = await workspace.millwright(["run", "--json"]);
      expect(beside.stderr).toContain("0 done");
      expect(beside.code).toBe(0);
      const environment = await pythonEnvironment(python);
      const read = await environment.run([join(import.meta.dirname, "read_tables.py")], {
        input: JSON.stringify({ doors: running.doors, namespace: "flights" }),
      });
      expect(read.stderr.replaceAll(/.*Warning.*\n.*\n/g, "")).toBe("");
      const counts: Record<string, number> = JSON.parse(read.stdout);
      for (const { name, rows } of tables) expect({ name, rows: counts[name] }).toEqual({ name, rows });
      expect(counts["events_quarantine"]).toBe(1200);

      const asked = await environment.run([join(import.meta.dirname, "ask_endpoint.py")], {
        input: JSON.stringify({ doors: running.doors, rows: features }),
      });
      expect(asked.stderr).toBe("");
      const answer: {
        readonly live: boolean;
        readonly ready: boolean;
        readonly inputs: readonly string[];
        readonly probabilities: readonly number[];
      } = JSON.parse(asked.stdout);
      expect(answer).toMatchObject({ live: true, ready: true });
      expect(answer.probabilities.length).toBe(features.length);
      for (const [index, probability] of answer.probabilities.entries()) expect(probability).toBeCloseTo(expected[index] ?? Number.NaN, 6);
    } finally {
      await running.stop();
    }
    expect(await workspace.query("select count(*) as n from delay_predictions")).toEqual([{ n: features.length }]);
    // Two days of November are not like the year that the model learnt from.
    const drifting = await workspace.millwright(["status", "--json"]);
    expect(drifting.code).toBe(1);
    expect(JSON.parse(drifting.stdout).assets.find(({ name }: { readonly name: string }) => name === "delay")).toMatchObject({
      status: "drifting",
      detail: expect.stringContaining("temp (PSI"),
    });
  });
});

describe("examples/flights on services", () => {
  let mysql: MySQL;

  beforeAll(async () => {
    mysql = await startMySQL();
    await loadMySQL({ url: mysql.url });
  });

  afterAll(() => mysql.stop());

  test("a real MySQL as the relational source gives tables equal to the local ones", async () => {
    const { code, stderr } = await workspace.millwright(
      ["run", "delay_features", "carrier_month", "airports", "airlines", "--env", "services"],
      { OPS_DATABASE_URL: mysql.url },
    );
    expect(stderr).toContain("succeeded");
    expect(stderr).not.toContain(mysql.password);
    expect(code).toBe(0);
    for (const table of [
      "flights",
      "planes",
      "airports",
      "airlines",
      "weather",
      "events",
      "flights_clean",
      "departures",
      "departing",
      "delay_features",
      "carrier_month",
    ]) {
      expect({ table, rows: await workspace.query(tableHash(table), ["--env", "services"]) }).toEqual({
        table,
        rows: await workspace.query(tableHash(table)),
      });
    }
  }, 600_000);
});

async function modelFile(name: string): Promise<string> {
  return readFile(join(await championFolder(), name), "utf8");
}

async function championFolder(): Promise<string> {
  const { openRegistry } = await import("../../src/registry/registry.ts");
  const registry = openRegistry(join(workspace.folder, ".millwright", "local", "models"));
  try {
    return registry.resolve("arrival_delay").directory;
  } finally {
    registry.close();
  }
}

/** The probabilities that ONNX Runtime gives for these rows by itself, without our server. */
async function predict(rows: readonly Readonly<Record<string, unknown>>[]): Promise<number[]> {
  const session = await InferenceSession.create(join(await championFolder(), "model.onnx"));
  const feeds = Object.fromEntries(
    session.inputMetadata.map((input) => {
      const values = rows.map((row) => row[input.name] ?? null);
      if (!input.isTensor) throw new Error(`${input.name} is no tensor`);
      if (input.type === "string")
        return [
          input.name,
          new Tensor(
            "string",
            values.map((value) => String(value ?? "")),
            [rows.length, 1],
          ),
        ];
      if (input.type === "int64")
        return [
          input.name,
          new Tensor(
            "int64",
            BigInt64Array.from(values, (value) => BigInt(Number(value))),
            [rows.length, 1],
          ),
        ];
      if (input.type === "float64")
        return [
          input.name,
          new Tensor(
            "float64",
            Float64Array.from(values, (value) => (value === null ? Number.NaN : Number(value))),
            [rows.length, 1],
          ),
        ];
      return [
        input.name,
        new Tensor(
          "float32",
          Float32Array.from(values, (value) => (value === null ? Number.NaN : Number(value))),
          [rows.length, 1],
        ),
      ];
    }),
  );
  const { probabilities } = await session.run(feeds);
  return rows.map((_, index) => Number(probabilities?.data[2 * index + 1]));
}
