import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { env } from "../../src/index.ts";
import { monitoringCounters, monitoringGauges } from "../../src/monitor/metrics.ts";
import { acknowledgeAlerts, activeAlerts } from "../../src/run/alert.ts";
import { environmentOf } from "../../src/run/bind.ts";
import { openJournal } from "../../src/run/journal.ts";
import { statePaths } from "../../src/run/state.ts";
import { startAlertmanager, startWebhook, type Alertmanager, type NotifiedAlert, type Webhook } from "../servers/alertmanager.ts";
import { freePort } from "../servers/port.ts";
import { runProgram, startPrometheus, type Prometheus } from "../servers/prometheus.ts";
import { paymentsSql } from "../train/search/platform.ts";
import { millwright, startUp, type RunningUp } from "./command.ts";
import { startDcgmStandIn, type DcgmStandIn } from "./dcgm.ts";
import { paymentsPlatform, type PaymentsOptions } from "./platform.ts";

const patience = { timeout: 110_000, interval: 100 };
let folder: string;
let options: PaymentsOptions;
let [team, lead]: Webhook[] = [];
let gpu: DcgmStandIn;
let up: RunningUp;
let prometheus: Prometheus;
let alertmanager: Alertmanager;
const started: { stop(): Promise<void> }[] = [];
const begin = async <T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
  const server = await starting;
  started.push(server);
  return server;
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "millwright-alerts-"));
  const [port, alertPort] = [await freePort(), await freePort()];
  [team, lead] = [await begin(startWebhook()), await begin(startWebhook())];
  gpu = await begin(startDcgmStandIn());
  mkdirSync(join(folder, "secrets"));
  writeFileSync(join(folder, "secrets", "LEAD_HOOK"), lead.url);
  options = {
    prometheus: { targets: [`127.0.0.1:${port}`], gpus: [gpu.address], interval: "1 second" },
    alertmanager: {
      url: `http://127.0.0.1:${alertPort}`,
      secrets: join(folder, "secrets"),
      escalation: [
        { name: "team", webhook: team.url },
        { name: "lead", webhook: env("LEAD_HOOK"), after: "30 seconds" },
      ],
      wait: "1 second",
      interval: "1 second",
    },
  };
  // As a user has it, whose file says all this itself.
  writeFileSync(
    join(folder, "platform.ts"),
    `import { paymentsPlatform } from ${JSON.stringify(new URL("platform.ts", import.meta.url).href)};\nexport default paymentsPlatform(${JSON.stringify(options)});\n`,
  );
  using database = new DatabaseSync(join(folder, "shop.sqlite"));
  database.exec(paymentsSql);
  expect(await millwright(folder, "run")).toMatchObject({ code: 0 });
  const rendering = await millwright(folder, "render", "monitoring", "--out", "deploy");
  expect(rendering).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/created {2}deploy\/monitoring\/prometheus\/prometheus\.yml\n[^]*\d+ created/),
  });
  const deployed = (path: string): string => join(folder, "deploy/monitoring", path);
  up = await begin(startUp(folder, port));
  alertmanager = await begin(startAlertmanager(deployed("alertmanager/alertmanager.yml"), alertPort));
  prometheus = await begin(startPrometheus(deployed("prometheus/prometheus.yml")));
});

afterAll(async () => {
  for (const server of started.toReversed()) await server.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

const platform = () => {
  const definition = paymentsPlatform(options);
  return { definition, environment: environmentOf(definition, "local"), directory: folder };
};
const about = (alerts: readonly NotifiedAlert[], name: string, endpoint: string) =>
  alerts.filter(({ labels }) => labels["alertname"] === name && labels["endpoint"] === endpoint);

/** Asks an endpoint for predictions whose amounts are all high. */
async function ask(endpoint: string, rows: number): Promise<void> {
  const each = Array.from({ length: rows }, (_, row) => row);
  const reply = await fetch(`${up.http}/v2/models/${endpoint}/infer`, {
    method: "POST",
    body: JSON.stringify({
      inputs: [
        { name: "amount", datatype: "FP64", shape: [rows, 1], data: each.map((row) => 70 + ((row * 37) % 30)) },
        { name: "country", datatype: "BYTES", shape: [rows, 1], data: each.map((row) => (row % 3 === 0 ? "DE" : "GB")) },
      ],
    }),
  });
  expect([reply.status, await reply.text()]).toEqual([200, expect.stringContaining("probabilities")]);
}

test("Prometheus scrapes up and the stand-in of DCGM's exporter, and has all rules", async () => {
  await vi.waitFor(async () => {
    const jobs = JSON.stringify(await prometheus.ask("query", { query: 'count by (job) (up{platform="shop",environment="local"} == 1)' }));
    expect(jobs).toContain('"job":"dcgm"');
    expect(jobs).toContain('"job":"millwright"');
    expect(JSON.stringify(await prometheus.ask("alertmanagers"))).toContain(`"${alertmanager.url}/api/v2/alerts"`);
    expect(JSON.stringify(await prometheus.ask("rules"))).not.toContain('"health":"unknown"');
  }, patience);
  expect(JSON.stringify(await prometheus.ask("rules"))).not.toContain('"health":"err"');
});

const until = new Date(Date.now() + 3_600_000).toISOString();
const taken = { by: "mia", because: "a campaign for large payments", until };

test("drift reaches the team, of whom one takes one of two alerts on", async () => {
  for (const endpoint of ["score", "again"]) for (let times = 0; times < 4; times++) await ask(endpoint, 300);
  await vi.waitFor(() => expect(about(team?.alerts ?? [], "MillwrightDrift", "score")).not.toEqual([]), patience);
  const acknowledged = await acknowledgeAlerts({ ...platform(), alert: "MillwrightDrift", about: "score", ...taken });
  expect(acknowledged.map(({ labels }) => labels["endpoint"])).toEqual(["score"]);
  await vi.waitFor(() => expect(about(team?.alerts ?? [], "MillwrightDrift", "again")).not.toEqual([]), patience);

  const [told] = about(team?.alerts ?? [], "MillwrightDrift", "score");
  expect(told).toMatchObject({
    status: "firing",
    labels: { severity: "warning", platform: "shop", environment: "local" },
    annotations: { summary: "score drifts", description: expect.stringMatching(/^It is asked what .* \(psi > 0\.2\): amount \d/) },
  });
  expect(told?.labels).not.toHaveProperty("escalation");
  const alerts = await activeAlerts(platform());
  const takenOn = (endpoint: string) =>
    alerts.find(({ name, labels }) => name === "MillwrightDrift" && labels["endpoint"] === endpoint)?.acknowledged;
  expect(takenOn("score")).toMatchObject(taken);
  expect(takenOn("again")).toBeNull();
  using journal = openJournal(statePaths(folder, "local").journal);
  expect(journal.events({ type: "alert.acknowledged" })).toMatchObject([{ asset: "score", body: { alert: "MillwrightDrift", ...taken } }]);
}, 300_000);

test("a GPU's error, as a stand-in of DCGM's exporter tells it, reaches the team", async () => {
  gpu.set("DCGM_FI_DEV_XID_ERRORS", 79);
  await vi.waitFor(() => {
    const broken = (team?.alerts ?? []).filter(({ labels }) => labels["alertname"] === "GpuBroken");
    expect(broken[0]).toMatchObject({
      labels: { severity: "critical", Hostname: "node1", gpu: "0" },
      annotations: { summary: "GPU 0 of node1: Xid error 79" },
    });
  }, patience);
});

test("millwright alert acknowledges what fires, lists it, and says what it cannot", async () => {
  const taken = await millwright(
    folder,
    "alert",
    "acknowledge",
    "GpuBroken@node1",
    "--because",
    "the card is on its way",
    "--by",
    "max",
    "--for",
    "1 hour",
  );
  expect(taken).toMatchObject({ code: 0, stdout: expect.stringMatching(/^GpuBroken \(node1, .*0.*\) goes no further until /) });
  const listed = await millwright(folder, "alert", "list");
  expect(listed).toMatchObject({ code: 0, stdout: expect.stringMatching(/MillwrightDrift +score +warning +\S+ \S+ +mia: a campaign/) });
  expect((await millwright(folder, "alert", "list", "--json")).stdout).toContain('"because":"the card is on its way"');
  const cases = [
    [["acknowledge", "MillwrightDrift@nobody", "--because", "x"], "no alert 'MillwrightDrift' about 'nobody' fires"],
    [["acknowledge", "MillwrightDrift"], "the acknowledgement has no reason"],
    [["close"], "alert lists what fires, or acknowledges one"],
  ] as const;
  for (const [args, what] of cases) {
    expect(await millwright(folder, "alert", ...args)).toMatchObject({ code: 2, stderr: expect.stringContaining(what) });
  }
});

test("a silence that somebody makes by Alertmanager's own means, of an alert's own labels, counts as an acknowledgement", async () => {
  gpu.set("DCGM_FI_DEV_ROW_REMAP_FAILURE", 1);
  const name = "GpuRowRemapFailure";
  const reached = () => (team?.alerts ?? []).find(({ labels }) => labels["alertname"] === name);
  await vi.waitFor(() => expect(reached()).toBeDefined(), patience);
  const matchers = Object.entries(reached()?.labels ?? {}).map(([label, value]) => `${label}=${value}`);
  const words = ["--author=ada", "--comment=a new card is ordered", "--duration=1h"];
  const silence = await runProgram("amtool", "silence", "add", `--alertmanager.url=${alertmanager.url}`, ...words, ...matchers);
  expect(silence).toMatchObject({ code: 0 });
  const found = (await activeAlerts(platform())).find((alert) => alert.name === name);
  expect(found?.acknowledged).toMatchObject({ by: "ada", because: "a new card is ordered" });
});

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets?: readonly { readonly expr: string }[] }[];
  readonly templating: { readonly list: readonly { readonly definition?: string }[] };
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
}

test("every expression of the dashboards is one that Prometheus evaluates, over metrics that are exported", async () => {
  const dashboards = join(folder, "deploy/monitoring/grafana/dashboards");
  const asked = readdirSync(dashboards).flatMap((name) => {
    const dashboard: Dashboard = JSON.parse(readFileSync(join(dashboards, name), "utf8"));
    return [
      ...dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ where: `${name}: ${title}`, expr }))),
      ...dashboard.templating.list.flatMap(({ definition }) =>
        definition === undefined ? [] : [{ where: `${name}: a variable`, expr: definition.replace(/^label_values\((.*), \w+\)$/, "$1") }],
      ),
      ...dashboard.annotations.list.map(({ expr }) => ({ where: `${name}: annotations`, expr })),
    ];
  });
  expect(asked.length).toBeGreaterThan(50);
  const empty: string[] = [];
  for (const { where, expr } of asked) {
    const query = expr.replaceAll("$__rate_interval", "1m").replaceAll("$__range", "10m").replaceAll("$endpoint", ".*");
    expect(query).not.toContain("$");
    const answer = JSON.stringify(
      await prometheus.ask("query", { query }).catch((error: unknown) => Promise.reject(new Error(`${where}: ${String(error)}`))),
    );
    if (answer.includes('"result":[]')) empty.push(where);
  }
  // What has not happened here: refusals, failures, labels, looks, trainings anew, a price.
  expect([...new Set(empty)].toSorted()).toEqual([
    "drift.json: Duration of a look",
    "drift.json: Labels",
    "drift.json: Performance",
    "drift.json: Since the last look",
    "drift.json: Trainings anew",
    "endpoint.json: Deadlines and callers that left",
    "endpoint.json: Failures",
    "overview.json: Cost",
    "overview.json: Failed in their last run",
    "overview.json: Failures by reason",
  ]);

  const rules = readdirSync(join(folder, "deploy/monitoring/prometheus/rules")).filter((name) => !name.endsWith(".test.yml"));
  const text = [
    ...rules.map((name) => readFileSync(join(folder, "deploy/monitoring/prometheus/rules", name), "utf8")),
    ...asked.map(({ expr }) => expr),
  ].join("\n");
  const metrics = await (await fetch(`${up.http}/metrics`)).text();
  const exported = new Set([
    ...[...metrics.matchAll(/^# TYPE (\S+)/gm)].map(([, name = ""]) => name),
    // These appear when there is something to tell.
    ...Object.keys(monitoringGauges),
    ...Object.keys(monitoringCounters),
  ]);
  const used = [...new Set(text.match(/\bmillwright_\w+(?=\{)/g))].map((name) =>
    exported.has(name) ? name : name.replace(/_(?:bucket|sum|count)$/, ""),
  );
  expect(used.length).toBeGreaterThan(30);
  expect(used.filter((name) => !exported.has(name))).toEqual([]);
});

test("runs, tables and a bucket for the required latency are among up's metrics, and counters begin at 0", async () => {
  const metrics = await (await fetch(`${up.http}/metrics`)).text();
  const now = Date.now() / 1000;
  const value = (series: string): number =>
    Number(
      metrics
        .split("\n")
        .find((line) => line.startsWith(`${series} `))
        ?.split(" ")[1] ?? Number.NaN,
    );
  for (const series of [
    'millwright_run_finished_timestamp_seconds{outcome="succeeded"}',
    'millwright_table_committed_timestamp_seconds{table="payments"}',
    'millwright_table_fresh_timestamp_seconds{table="payments"}',
  ])
    expect(now - value(series)).toBeLessThan(3600);
  expect(value('millwright_table_rows{table="payments"}')).toBe(900);
  expect(value('millwright_asset_failed{asset="late"}')).toBe(0);
  expect(value('millwright_inference_request_seconds_bucket{le="0.04",endpoint="score"}')).toBeGreaterThanOrEqual(0);
  expect(value('millwright_inference_requests_total{endpoint="score",code="503"}')).toBe(0);
  expect(value('millwright_prediction_log_dropped_rows_total{endpoint="score"}')).toBe(0);
});

test("rendering again changes nothing, and says what is not rendered any more", async () => {
  writeFileSync(join(folder, "deploy/monitoring/prometheus/rules/old.yml"), "groups: []\n");
  const again = await millwright(folder, "render", "--out", "deploy");
  expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+ files: 0 created, 0 changed, \d+ unchanged\n$/) });
  expect(again.stderr).toContain("note: monitoring/prometheus/rules/old.yml is not rendered any more, and was left as it is");
  const document: { readonly files: readonly unknown[]; readonly notes: readonly string[] } = JSON.parse(
    (await millwright(folder, "render", "--out", "deploy", "--json")).stdout,
  );
  expect(document.files.length).toBeGreaterThan(15);
  expect(await millwright(folder, "render", "nonsense", "--out", "deploy")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("use one of: monitoring"),
  });
  expect(await millwright(folder, "render")).toMatchObject({ code: 2, stderr: expect.stringContaining("--out is missing") });
});

/** The alert as it fires for the lead; undefined while it does not. */
async function escalated(...about: readonly string[]): Promise<unknown> {
  const filters = ['escalation="lead"', ...about].map((each): [string, string] => ["filter", each]);
  const found: unknown[] = JSON.parse(await (await fetch(`${alertmanager.url}/api/v2/alerts?${new URLSearchParams(filters)}`)).text());
  return found[0];
}

test("drift reaches the lead when nobody acknowledges it, and what somebody has acknowledged does not", async () => {
  await vi.waitFor(() => expect(about(lead?.alerts ?? [], "MillwrightDrift", "again")).not.toEqual([]), patience);
  expect(about(lead?.alerts ?? [], "MillwrightDrift", "again")[0]?.labels).toMatchObject({ escalation: "lead" });
  // The others would have gone there as well: they fire for the lead, and are held back.
  for (const filter of [['alertname="MillwrightDrift"', 'endpoint="score"'], ['alertname="GpuBroken"'], ['alertname="GpuRowRemapFailure"']])
    await vi.waitFor(
      async () => expect(await escalated(...filter)).toMatchObject({ status: { state: "suppressed", silencedBy: [expect.any(String)] } }),
      patience,
    );
  expect(about(lead?.alerts ?? [], "MillwrightDrift", "score")).toEqual([]);
  expect(lead?.alerts.filter(({ labels }) => labels["alertname"]?.startsWith("Gpu"))).toEqual([]);
}, 300_000);
