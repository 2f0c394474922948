import { createServer, type IncomingMessage, type Server } from "node:http";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readHeads } from "../../src/lake/catalog/heads.ts";
import { environment, env } from "../../src/define/environment.ts";
import { platform } from "../../src/define/platform.ts";
import { source } from "../../src/define/source.ts";
import { table } from "../../src/define/table.ts";
import { openLineageEvents, type OpenLineageEvent } from "../../src/govern/openlineage.ts";
import { sendOpenLineage } from "../../src/govern/openlineage-send.ts";
import { uuidOf } from "../../src/govern/uuid.ts";
import { statePaths } from "../../src/run/state.ts";
import { binding } from "../../src/systems/binding.ts";
import { pythonEnvironment } from "../servers/python.ts";
import { environmentNamed, openSampleState, samplePlatform, sampleRun, type SampleState } from "./sample.ts";

const definition = samplePlatform();
const local = environmentNamed(definition, "local");
const folder = fileURLToPath(new URL(".", import.meta.url)).replace(/\/$/, "");
let directory: string;
let state: SampleState;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "openlineage-"));
  state = openSampleState(definition, "local", directory);
});
afterEach(async () => {
  await state[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
  vi.unstubAllEnvs();
});

/** Places are given relative to the folder of the platform, here that of the tests. */
const eventsOf = (run: string): readonly OpenLineageEvent[] =>
  openLineageEvents({
    definition,
    environment: local,
    journal: state.journal,
    heads: readHeads(statePaths(directory, "local").state, definition.name),
    directory: folder,
    run,
  });
const brief = (events: readonly OpenLineageEvent[]): string[] => events.map(({ eventType, job }) => `${eventType} ${job.name}`);
const named = (events: readonly OpenLineageEvent[], name: string, type = "COMPLETE"): OpenLineageEvent => {
  const event = events.find(({ eventType, job }) => job.name === name && eventType === type);
  if (event === undefined) throw new Error(`no ${type} of ${name}`);
  return event;
};

async function failedRun(): Promise<void> {
  state.journal.append({ type: "run.started", run: "run-2", time: "2026-01-02T00:00:00.000Z", body: { assets: [], full: false } });
  const reason = `Error: out of memory\n    at build (${folder}/build.ts:3:4)\n    at run (${folder}/run.ts:5:6)`;
  state.journal.append({
    type: "asset.failed",
    asset: "flights_clean",
    run: "run-2",
    time: "2026-01-02T00:00:02.000Z",
    body: { reason, seconds: 1 },
  });
  state.journal.append({ type: "run.finished", run: "run-2", time: "2026-01-02T00:00:03.000Z", body: { outcome: "failed", seconds: 3 } });
}

test("a run and each of its steps begin and end once, in the order of time", async () => {
  await sampleRun(state, definition, "run-1");
  const events = eventsOf("run-1");
  expect(brief(events)[0]).toBe("START flights");
  expect(brief(events).at(-1)).toBe("COMPLETE flights");
  expect(events).toHaveLength(2 * 9);
  expect(events.map(({ eventTime }) => eventTime)).toEqual(events.map(({ eventTime }) => eventTime).toSorted());
  for (const { job, run } of events) {
    const same = events.filter((other) => other.run.runId === run.runId);
    expect(same.map(({ eventType, job: other }) => [eventType, other.name])).toEqual([
      ["START", job.name],
      ["COMPLETE", job.name],
    ]);
    expect(run.runId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
  const step = named(events, "flights.flights_clean");
  expect(step.run.facets["parent"]).toMatchObject({ run: { runId: named(events, "flights").run.runId }, job: { name: "flights" } });
  expect(eventsOf("run-1")).toEqual(events);
  expect(eventsOf("another")).toEqual([]);
});

test("a step tells what it read and wrote: snapshots, columns and where they come from, rows", async () => {
  await sampleRun(state, definition, "run-1");
  const events = eventsOf("run-1");
  const { inputs, outputs, job } = named(events, "flights.flights_clean");
  expect(inputs).toMatchObject([
    { namespace: "millwright://flights/local/lake", name: "flights.flights", facets: { version: { datasetVersion: "9007199254741094" } } },
  ]);
  expect(outputs).toMatchObject([
    {
      name: "flights.flights_clean",
      facets: { version: { datasetVersion: "9007199254741096" }, storage: { storageLayer: "iceberg" } },
      outputFacets: { outputStatistics: { rowCount: 9 } },
    },
  ]);
  expect(outputs[0]?.facets["schema"]?.["fields"]).toContainEqual({ name: "late", type: "boolean", ordinal_position: 7 });
  const from = { namespace: "millwright://flights/local/lake", name: "flights.flights" };
  expect(outputs[0]?.facets["columnLineage"]).toMatchObject({
    fields: { late: { inputFields: [{ ...from, field: "arr_delay", transformations: [{ type: "DIRECT", subtype: "TRANSFORMATION" }] }] } },
    dataset: [{ ...from, field: "distance", transformations: [{ type: "INDIRECT", subtype: "FILTER" }] }],
  });
  expect(job.facets["sourceCodeLocation"]).toMatchObject({ path: "sample.ts", url: expect.stringMatching(/^file:sample\.ts#L\d+$/) });
  expect(named(events, "flights.flights").inputs).toMatchObject([
    {
      namespace: "millwright://flights/local/ops",
      name: "flights",
      facets: { dataSource: { name: "ops (sqlite)", uri: "file:data/ops.sqlite" } },
    },
  ]);
  expect(named(events, "flights.warehouse.carrier_month").outputs).toMatchObject([
    { namespace: "millwright://flights/local/warehouse", name: "carrier_month", facets: { columnLineage: {} } },
  ]);
  expect(named(events, "flights.arrival_delay").outputs).toMatchObject([
    { name: "arrival_delay", facets: { datasetType: { datasetType: "MODEL" }, version: { datasetVersion: "1" } } },
  ]);
  expect(named(events, "flights.delay").inputs).toMatchObject([
    { namespace: "millwright://flights/local/models", facets: { version: { datasetVersion: "1" } } },
  ]);
});

test("a failure tells its reason without this machine's folders; a cancelled run is aborted; a killed one has no end", async () => {
  await sampleRun(state, definition, "run-1");
  await failedRun();
  const events = eventsOf("run-2");
  expect(brief(events)).toEqual(["START flights", "START flights.flights_clean", "FAIL flights.flights_clean", "FAIL flights"]);
  expect(named(events, "flights.flights_clean", "FAIL").run.facets["errorMessage"]).toMatchObject({
    message: "Error: out of memory",
    stackTrace: "Error: out of memory\n    at build (build.ts:3:4)\n    at run (run.ts:5:6)",
  });
  expect(named(events, "flights.flights_clean", "START").eventTime).toBe("2026-01-02T00:00:01.000Z");
  expect(JSON.stringify(events)).not.toContain(folder);
  state.journal.append({ type: "run.started", run: "run-3", body: {} });
  expect(brief(eventsOf("run-3"))).toEqual(["START flights"]);
  state.journal.append({ type: "run.finished", run: "run-3", body: { outcome: "cancelled" } });
  expect(brief(eventsOf("run-3"))).toEqual(["START flights", "ABORT flights"]);
});

test("rows in quarantine are an output of their own", async () => {
  state.journal.append({ type: "run.started", run: "run-1", time: "2026-01-01T00:00:00.000Z" });
  await state.commit("flights", { snapshot: "1", run: "run-1", columns: { id: "bigint" }, rows: 10, quarantined: 2 });
  state.journal.append({ type: "asset.committed", asset: "flights_quarantine", run: "run-1", body: { snapshot: "2", rows: 2 } });
  expect(
    named(eventsOf("run-1"), "flights.flights").outputs.map(({ name, outputFacets }) => [
      name,
      outputFacets?.["outputStatistics"]?.["rowCount"],
    ]),
  ).toEqual([
    ["flights.flights", 10],
    ["flights.flights_quarantine", 2],
  ]);
});

test("a source is named as its system is named elsewhere, and its secrets nowhere", async () => {
  const flights = source("ops").table("flights", { columns: { id: "bigint" } });
  const copy = table.sql("copied", { flights }, { duckdb: "select * from flights" });
  const bind = (url: Parameters<typeof binding>[1]) =>
    platform({ name: "copy", assets: [copy], environments: { local: environment({ ops: binding("mysql", url) }) } });
  const nameOf = async (of: ReturnType<typeof bind>): Promise<string> => {
    const own = await mkdtemp(join(tmpdir(), "openlineage-source-"));
    try {
      await using other = openSampleState(of, "local", own);
      await other.commit("flights", { snapshot: "1", run: "run-1", columns: { id: "bigint" } });
      await other.commit("copied", { snapshot: "2", run: "run-1", columns: { id: "bigint" }, inputs: { flights: "1" } });
      const events = openLineageEvents({
        definition: of,
        environment: environmentNamed(of, "local"),
        journal: other.journal,
        directory: folder,
        run: "run-1",
      });
      expect(JSON.stringify(events)).not.toContain("s3cret");
      expect(named(events, "copy.copied").job.facets["sql"]).toMatchObject({ query: "select * from flights", dialect: "duckdb" });
      const [input] = named(events, "copy.flights").inputs;
      return `${input?.namespace} ${input?.name}`;
    } finally {
      await rm(own, { recursive: true, force: true });
    }
  };
  vi.stubEnv("OPENLINEAGE_TEST_URL", "mysql://root:s3cret@db:3306/ops");
  expect(await nameOf(bind({ url: "mysql://root:s3cret@db:3306/ops?ssl=s3cret" }))).toBe("mysql://db:3306 ops.flights");
  expect(await nameOf(bind({ url: env("OPENLINEAGE_TEST_URL") }))).toBe("millwright://copy/local/ops flights");
});

test("a UUID of version 5 is the one that the standard gives", () => {
  expect(uuidOf("a")).toBe(uuidOf("a"));
  expect(uuidOf("a")).not.toBe(uuidOf("b"));
});

test("every event is one of OpenLineage's own Python client, to the last field, and its client sends it on unchanged", async () => {
  await sampleRun(state, definition, "run-1");
  await failedRun();
  const events = [...eventsOf("run-1"), ...eventsOf("run-2")];
  const input = join(directory, "events.ndjson");
  const output = join(directory, "sent.ndjson");
  await writeFile(input, events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  const python = await pythonEnvironment(["openlineage-python==1.54.0"]);
  const script = fileURLToPath(new URL("openlineage_client.py", import.meta.url));
  const { code, stdout, stderr } = await python.run([script, input, output]);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  expect(stdout.trim()).toBe(`${events.length} events`);
  const sent = (await readFile(output, "utf8"))
    .trim()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
  expect(sent).toEqual(events);
}, 120_000);

test("a file gets one event a line, after those it has", async () => {
  await sampleRun(state, definition, "run-1");
  const target = join(directory, "lineage.ndjson");
  const note = vi.fn<(text: string) => void>();
  await writeFile(target, "{}\n");
  expect(await sendOpenLineage({ definition, environment: local, directory, run: "run-1", target, note })).toEqual({
    events: 18,
    sent: 18,
  });
  const lines = (await readFile(target, "utf8")).trimEnd().split("\n");
  expect(lines).toHaveLength(19);
  expect(lines.every((line) => JSON.parse(line) !== null)).toBe(true);
  expect(await sendOpenLineage({ definition, environment: local, directory, run: "run-1", target: directory, note })).toEqual({
    events: 18,
    sent: 0,
  });
  expect(note.mock.calls).toEqual([[expect.stringMatching(/^18 of 18 OpenLineage events could not be written to .*EISDIR/)]]);
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

test("a server gets each event; what it refuses, or cannot be reached with, is told and no more", async () => {
  await sampleRun(state, definition, "run-1");
  const got: { url: string | undefined; authorization: string | undefined; event: unknown }[] = [];
  const read = async (request: IncomingMessage): Promise<string> => (await request.toArray()).join("");
  const server = createServer((request, response) => {
    void read(request).then((text) => {
      got.push({ url: request.url, authorization: request.headers.authorization, event: JSON.parse(text) });
      response.writeHead(got.length === 2 ? 422 : 201).end(got.length === 2 ? "no such\nnamespace" : "");
    });
  });
  const port = await listen(server);
  const nobody = createServer();
  const free = await listen(nobody);
  await new Promise((resolve) => nobody.close(resolve));
  const note = vi.fn<(text: string) => void>();
  const send = (target: string) => sendOpenLineage({ definition, environment: local, directory, run: "run-1", target, note });
  try {
    expect(await send(`http://me:s3cret@127.0.0.1:${port}`)).toEqual({ events: 18, sent: 17 });
    expect(got).toHaveLength(18);
    expect(got[0]).toMatchObject({
      url: "/api/v1/lineage",
      authorization: `Basic ${Buffer.from("me:s3cret").toString("base64")}`,
      event: { eventType: "START", job: { name: "flights" } },
    });
    vi.stubEnv("OPENLINEAGE_API_KEY", "key");
    await send(`http://127.0.0.1:${port}/collect?source=test`);
    expect(got[18]).toMatchObject({ url: "/collect?source=test", authorization: "Bearer key" });
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
  expect(await send(`http://me:s3cret@127.0.0.1:${free}`)).toEqual({ events: 18, sent: 0 });
  expect(note.mock.calls).toEqual([
    [`1 of 18 OpenLineage events could not be posted to 127.0.0.1:${port}: it answered 422 no such namespace`],
    [expect.stringMatching(new RegExp(`^18 of 18 OpenLineage events could not be posted to 127\\.0\\.0\\.1:${free}: .*ECONNREFUSED`))],
  ]);
});
