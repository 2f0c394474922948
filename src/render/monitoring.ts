import type { Definition, EndpointNode, EnvironmentNode, ModelNode } from "../define/node.ts";
import { textOr } from "../extract/options.ts";
import { alertmanagerSettings, type AlertmanagerSettings } from "../systems/alertmanager/settings.ts";
import { prometheusSettings, type PrometheusSettings } from "../systems/prometheus/settings.ts";
import { renderedBy, type Rendered, type RenderedFile, type RenderInput } from "./file.ts";
import { driftDashboard } from "./grafana/drift.ts";
import { endpointDashboard } from "./grafana/endpoint.ts";
import { gpuDashboard } from "./grafana/gpu.ts";
import { overviewDashboard } from "./grafana/overview.ts";
import { alertmanagerFile } from "./monitoring/alertmanager.ts";
import { runRules, staleAfter, tableRules } from "./monitoring/data-rules.ts";
import { gpuRules } from "./monitoring/gpu-rules.ts";
import { logRules } from "./monitoring/log-rules.ts";
import { modelRules } from "./monitoring/model-rules.ts";
import { prometheusFile } from "./monitoring/prometheus.ts";
import type { RuleGroup, Subject } from "./monitoring/rule.ts";
import { escalationFiles, ruleFiles } from "./monitoring/rule-files.ts";
import { servingRules, trafficRules } from "./monitoring/serving-rules.ts";
import { yaml } from "./yaml.ts";

/** Prometheus' configuration, rules and their tests, Alertmanager's routes, Grafana's dashboards. @throws MillwrightError `no-target`, `bad-option`, `bad-escalation` */
export function renderMonitoring(input: RenderInput): Rendered {
  const { definition, environment } = input;
  const subject: Subject = { platform: definition.name, environment: environment.name };
  const prometheus = prometheusSettings(bound(environment, "monitor", "prometheus") ?? { options: {} });
  const alerting = bound(environment, "alerts", "alertmanager");
  const alerts = alerting === null ? null : alertmanagerSettings(alerting);
  const facts = factsOf(definition, prometheus);
  const heading = renderedBy(input, "monitoring");
  const groups = rulesOf(subject, facts, prometheus, alerts);
  const rules = { subject, heading, interval: prometheus.interval, levels: alerts?.levels ?? [] };
  const written = [...ruleFiles(groups, rules), ...escalationFiles(groups, rules)];
  const loaded = written.map(({ path }) => path.replace(/^prometheus\//, "")).filter((path) => !path.endsWith(".test.yml"));
  return {
    files: [
      {
        path: "prometheus/prometheus.yml",
        content: heading + prometheusFile(input, { subject, settings: prometheus, alerts, rules: loaded }),
      },
      ...written,
      ...(alerts === null ? [] : [{ path: "alertmanager/alertmanager.yml", content: heading + alertmanagerFile(alerts) }]),
      ...grafanaFiles(input, subject, facts, prometheus.gpus.length > 0),
    ],
    notes: [
      ...elsewhere(environment),
      ...(alerts === null ? ["nobody is told of alerts: bind alerts: alertmanager({ url, escalation })"] : []),
      ...(facts.stale === null ? ["no alert on stale tables: give the platform a schedule, or prometheus({ stale: '1 day' })"] : []),
      ...(facts.uptime === null ? ["no error budget: failures alert at 5 % of the requests; give requirements: { uptime }"] : []),
      ...(facts.p99 === null ? ["no alert on latency: give requirements: { latency: { p99 } }"] : []),
      ...(prometheus.gpus.length === 0
        ? ["no rules and no dashboard for GPUs: give prometheus({ gpus }) the addresses of DCGM exporters"]
        : []),
    ],
  };
}

/** What the rules cannot see, because another server answers. */
function elsewhere({ bindings }: EnvironmentNode): string[] {
  const system = bindings["server"]?.system ?? "embedded";
  return system === "embedded"
    ? []
    : [
        `endpoints are served by ${system}: rules on errors and latency see what our router passes on, and nothing where callers ask ${system} itself`,
      ];
}

/** The system that a role is bound to, when it is the one that is rendered. */
function bound({ bindings }: EnvironmentNode, role: string, system: string): EnvironmentNode["bindings"][string] | null {
  const binding = bindings[role];
  return binding?.system === system ? binding : null;
}

interface Facts {
  readonly endpoints: readonly EndpointNode[];
  readonly models: readonly ModelNode[];
  readonly uptime: number | null;
  readonly p99: number | null;
  readonly stale: number | null;
}

function factsOf(definition: Definition, { stale }: PrometheusSettings): Facts {
  const required = (name: string): number | null => {
    const value = definition.requirements.find((requirement) => requirement.name === name)?.value;
    return typeof value === "number" ? value : null;
  };
  return {
    endpoints: definition.assets.filter((asset): asset is EndpointNode => asset.kind === "endpoint"),
    models: definition.assets.filter((asset): asset is ModelNode => asset.kind === "model"),
    uptime: required("uptime"),
    p99: required("latency.p99"),
    stale: stale ?? (definition.schedule === null ? null : staleAfter(definition.schedule)),
  };
}

/** How long an alert on something that has happened fires: long enough for the last level to be told of it. */
function holdOf(alerts: AlertmanagerSettings | null): number {
  return Math.max(3600, 2 * (alerts?.levels.at(-1)?.after ?? 0));
}

function rulesOf(subject: Subject, facts: Facts, { gpus }: PrometheusSettings, alerts: AlertmanagerSettings | null): RuleGroup[] {
  const hold = holdOf(alerts);
  const { endpoints, stale } = facts;
  return [
    ...(endpoints.length === 0
      ? []
      : [servingRules(subject, facts), trafficRules(subject), logRules(subject, hold), modelRules(subject, endpoints, hold)]),
    runRules(subject),
    ...(stale === null ? [] : [tableRules(subject, stale)]),
    ...(gpus.length === 0 ? [] : [gpuRules(subject, hold)]),
  ];
}

function grafanaFiles(input: RenderInput, subject: Subject, facts: Facts, gpus: boolean): RenderedFile[] {
  const dashboards: Readonly<Record<string, string>> = {
    overview: overviewDashboard({ subject, definition: input.definition, ...facts }),
    ...(facts.endpoints.length === 0
      ? {}
      : { endpoint: endpointDashboard({ subject, ...facts }), drift: driftDashboard({ subject, ...facts }) }),
    ...(gpus ? { gpu: gpuDashboard({ subject }) } : {}),
  };
  const options = bound(input.environment, "dashboard", "grafana")?.options ?? {};
  const text = (name: string, otherwise: string): string => textOr("grafana", options, name, otherwise);
  const heading = renderedBy(input, "monitoring");
  const provider = {
    name: `millwright ${subject.platform} ${subject.environment}`,
    folder: text("folder", subject.platform),
    type: "file",
    allowUiUpdates: false,
    options: { path: text("directory", "/var/lib/grafana/dashboards/millwright") },
  };
  const url = text("prometheus", "");
  const datasources = { apiVersion: 1, datasources: [{ name: "Prometheus", type: "prometheus", access: "proxy", url, isDefault: true }] };
  return [
    ...Object.entries(dashboards).map(([name, content]) => ({ path: `grafana/dashboards/${name}.json`, content })),
    { path: "grafana/provisioning/dashboards/millwright.yaml", content: heading + yaml({ apiVersion: 1, providers: [provider] }) },
    ...(url === "" ? [] : [{ path: "grafana/provisioning/datasources/millwright.yaml", content: heading + yaml(datasources) }]),
  ];
}
