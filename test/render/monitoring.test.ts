import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Definition } from "../../src/index.ts";
import { checkPlatform } from "../../src/define/check.ts";
import { renderMonitoring } from "../../src/render/monitoring.ts";
import { burnRates } from "../../src/render/monitoring/burn-rate.ts";
import { staleAfter } from "../../src/render/monitoring/data-rules.ts";
import { environmentOf } from "../../src/run/bind.ts";
import { runProgram } from "../servers/prometheus.ts";
import { paymentsPlatform, richPlatform } from "./platform.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "millwright-render-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rendered = (definition: Definition) => renderMonitoring({ definition, environment: environmentOf(definition, "local") });

/** Writes what was rendered into a folder of its own. */
function written(name: string, definition: Definition): { readonly paths: readonly string[]; at(path: string): string } {
  const { files } = rendered(definition);
  const at = (path: string): string => join(folder, name, path);
  for (const { path, content } of files) {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), content);
  }
  return { paths: files.map(({ path }) => path), at };
}

const slow = { timeout: 400_000 };
const options = (change: Partial<Parameters<typeof paymentsPlatform>[0]["alertmanager"]> = {}) => ({
  prometheus: { targets: ["127.0.0.1:8080"] },
  alertmanager: { url: "http://127.0.0.1:9093", escalation: [{ name: "team", webhook: "http://127.0.0.1:9/" }], ...change },
});

test("promtool and amtool accept what is rendered with all that can be said", async () => {
  const { at } = written("rich", richPlatform());
  // The key's file is looked for by promtool.
  const checked = await runProgram(
    "promtool",
    "check",
    "config",
    "--syntax-only",
    "--lint=all",
    "--lint-fatal",
    at("prometheus/prometheus.yml"),
  );
  expect(checked).toMatchObject({ code: 0 });
  for (const name of ["recorded", "serving", "traffic", "log", "models", "runs", "tables", "gpu", "escalation"])
    expect(await runProgram("promtool", "check", "rules", "--lint=all", "--lint-fatal", at(`prometheus/rules/${name}.yml`))).toMatchObject({
      code: 0,
    });
  expect(await runProgram("amtool", "check-config", at("alertmanager/alertmanager.yml"))).toMatchObject({ code: 0 });
});

test(
  "each alert fires when its example says, not a step before, and escalates when its time has passed: the rendered tests pass in promtool",
  slow,
  async () => {
    const { paths, at } = written("tested", richPlatform());
    const tests = paths.filter((path) => path.endsWith(".test.yml"));
    expect(tests).toHaveLength(8);
    const run = await runProgram("promtool", "test", "rules", ...tests.map(at));
    expect(run.output.match(/SUCCESS/g), run.output).toHaveLength(8);
    expect(run.code).toBe(0);
  },
);

test("the rendered tests notice a rule that does not do what it should", async () => {
  const definition = richPlatform();
  const { at } = written("broken", definition);
  const models = rendered(definition).files.find(({ path }) => path === "prometheus/rules/models.yml")?.content ?? "";
  writeFileSync(at("prometheus/rules/models.yml"), models.replace("millwright_drift_over", "millwright_drift_under"));
  expect((await runProgram("promtool", "test", "rules", at("prometheus/rules/models.test.yml"))).code).not.toBe(0);
});

test("alerts are routed to the first level, and those that have come further to the level of their label", async () => {
  const { at } = written("routes", richPlatform());
  const receivers = async (...labels: readonly string[]) =>
    (
      await runProgram("amtool", "config", "routes", "test", `--config.file=${at("alertmanager/alertmanager.yml")}`, ...labels)
    ).output.split("\n")[0];
  expect(await receivers("alertname=MillwrightDrift", "severity=warning")).toBe("team");
  expect(await receivers("alertname=MillwrightDrift", "severity=warning", "escalation=lead")).toBe("lead");
  expect(await receivers("alertname=MillwrightDown", "severity=critical", "escalation=head")).toBe("head");
});

test("short times, one level, p-values and slow promises are rendered so that promtool's tests pass too", slow, async () => {
  const definition = paymentsPlatform({
    ...options({
      escalation: [
        { name: "team", webhook: "http://127.0.0.1:9/" },
        { name: "lead", webhook: "http://127.0.0.1:9/", after: "5 seconds" },
        { name: "head", webhook: "http://127.0.0.1:9/", after: "10 minutes" },
      ],
    }),
  });
  const changed: Definition = {
    ...definition,
    requirements: definition.requirements.map((each) => ({ ...each, value: each.name === "uptime" ? 0.9 : 2 })),
    assets: definition.assets.map((asset) => (asset.kind === "endpoint" ? { ...asset, drift: { figure: "p", limit: 0.01 } } : asset)),
  };
  for (const [name, each] of Object.entries({ changed, bare: { ...definition, requirements: [] } })) {
    const { paths, at } = written(name, each);
    const run = await runProgram(
      "promtool",
      "test",
      "rules",
      ...paths.filter((path) => /\/(?:serving|models|escalation)\.test\.yml$/.test(path)).map(at),
    );
    expect([run.code, run.output]).toEqual([0, expect.stringContaining("SUCCESS")]);
  }
  // At 90 % uptime even everything failing burns no month's budget fast enough for the quickest alert.
  expect(rendered(changed).files.some(({ content }) => content.includes("alert: MillwrightErrorBudget1h"))).toBe(false);
});

test("burn rates are those of the Site Reliability Workbook's table 5-8, for a month of 730 hours", () => {
  expect(burnRates(0.999)).toEqual([
    { long: "1h", short: "5m", severity: "critical", budget: 0.02, rate: 14.6, share: 0.0146 },
    { long: "6h", short: "30m", severity: "critical", budget: 0.05, rate: expect.closeTo(6.083, 3), share: 0.006083 },
    { long: "3d", short: "6h", severity: "warning", budget: 0.1, rate: expect.closeTo(1.014, 3), share: 0.001014 },
  ]);
});

test("a table is stale after twice the longest pause of the schedule", () => {
  const schedule = (cron: string) => staleAfter({ text: cron, every: null, cron }) / 3600;
  expect(staleAfter({ text: "every 6 hours", every: 21_600, cron: null })).toBe(43_200);
  expect(schedule("0 2 * * *")).toBe(48);
  // From Friday evening to Monday morning.
  expect(schedule("0 8-18 * * 1-5")).toBe(2 * (24 * 2 + 14));
});

test("no secret is rendered, only the files that hold them", () => {
  for (const name of ["METRICS_KEY", "LEAD_HOOK", "SMTP_PASSWORD", "TEAM_SLACK", "HEAD_KEY", "ALERTS_TOKEN"])
    process.env[name] = `secret-${name}`;
  try {
    const text = rendered(richPlatform())
      .files.map(({ content }) => content)
      .join("\n");
    expect(text).not.toContain("secret-");
    for (const line of [
      "credentials_file: /etc/prometheus/secrets/METRICS_KEY",
      "credentials_file: /etc/prometheus/secrets/ALERTS_TOKEN",
      "api_url_file: /etc/alertmanager/secrets/TEAM_SLACK",
      "url_file: /etc/alertmanager/secrets/LEAD_HOOK",
      "smtp_auth_password_file: /etc/alertmanager/secrets/SMTP_PASSWORD",
      "routing_key_file: /etc/alertmanager/secrets/HEAD_KEY",
    ])
      expect(text).toContain(line);
  } finally {
    for (const name of ["METRICS_KEY", "LEAD_HOOK", "SMTP_PASSWORD", "TEAM_SLACK", "HEAD_KEY", "ALERTS_TOKEN"]) delete process.env[name];
  }
});

test("check takes the three bindings as they are, without the secrets that only other machines need", async () => {
  const { problems } = await checkPlatform({ definition: richPlatform(), directory: folder, offline: true });
  expect(problems.filter(({ code }) => code !== "columns-unknown")).toEqual([]);
});

test("what is left out is said, and why", () => {
  const bare = paymentsPlatform(options());
  const { local } = bare.environments;
  if (local === undefined) throw new Error("there is no environment");
  const { server: _, alerts: __, ...bindings } = local.bindings;
  const { files, notes } = renderMonitoring({ definition: { ...bare, requirements: [] }, environment: { ...local, bindings } });
  expect(files.some(({ path }) => path.startsWith("alertmanager/"))).toBe(false);
  expect(notes.map((note) => note.split(":")[0])).toEqual([
    "nobody is told of alerts",
    "no alert on stale tables",
    "no error budget",
    "no alert on latency",
    "no rules and no dashboard for GPUs",
  ]);
});

const level = { name: "lead", webhook: "http://127.0.0.1:9/" };
test.each([
  ["the first level waits", { escalation: [{ ...level, after: "5 minutes" as const }] }, "bad-escalation"],
  ["a later level is told at once", { escalation: [{ ...level, name: "team" }, level] }, "bad-escalation"],
  ["two levels have one name", { escalation: [level, { ...level, after: "1 minute" as const }] }, "bad-escalation"],
  ["a level says no way", { escalation: [{ name: "team" }] }, "bad-escalation"],
  ["mail has nobody to send it", { escalation: [{ name: "team", email: "team@example.com" }] }, "bad-escalation"],
  [
    "a level waits for more than a day",
    {
      escalation: [
        { ...level, name: "team" },
        { ...level, after: "2 days" as const },
      ],
    },
    "bad-escalation",
  ],
  ["there is no level", { escalation: [] }, "bad-option"],
  ["an address holds a password", { escalation: [{ name: "team", webhook: "http://a:b@127.0.0.1/" }] }, "bad-option"],
  ["the url is none", { url: "alertmanager:9093" }, "bad-option"],
])("it is refused that %s", (_, change, code) => {
  expect(() => rendered(paymentsPlatform(options(change)))).toThrow(
    expect.objectContaining({ problem: expect.objectContaining({ code }) }),
  );
});

test.each([
  ["a target has no port", { targets: ["10.0.0.5"] }, "bad-option"],
  ["a target is an address with a scheme", { targets: ["http://10.0.0.5:80"] }, "bad-option"],
  ["the interval is nothing", { targets: ["a:1"], interval: "0 seconds" as const }, "bad-option"],
])("it is refused that %s", (_, change, code) => {
  const definition = paymentsPlatform({ ...options(), prometheus: change });
  expect(() => rendered(definition)).toThrow(expect.objectContaining({ problem: expect.objectContaining({ code }) }));
});

test("Prometheus must be told where to scrape: by targets, or by the embedded server's own address and port", () => {
  const definition = paymentsPlatform({ ...options(), prometheus: {} });
  expect(() => rendered(definition)).toThrow(expect.objectContaining({ problem: expect.objectContaining({ code: "no-target" }) }));
  const { local } = definition.environments;
  if (local === undefined) throw new Error("there is no environment");
  const server = {
    kind: "binding" as const,
    system: "embedded",
    options: { port: 8443, tls: { certificate: "a", key: "b" } },
    origin: local.origin,
  };
  const { files } = renderMonitoring({ definition, environment: { ...local, bindings: { ...local.bindings, server } } });
  expect(files[0]?.content).toContain("scheme: https");
  expect(files[0]?.content).toContain("- '127.0.0.1:8443'");
});
