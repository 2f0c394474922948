import { MillwrightError } from "../../error.ts";
import type { AlertmanagerSettings } from "../../systems/alertmanager/settings.ts";
import type { PrometheusSettings } from "../../systems/prometheus/settings.ts";
import type { RenderInput } from "../file.ts";
import { yaml, type Yaml } from "../yaml.ts";
import { promDuration, type Subject } from "./rule.ts";

export interface PrometheusFileOptions {
  readonly subject: Subject;
  readonly settings: PrometheusSettings;
  /** Where alerts go; null for nowhere. */
  readonly alerts: AlertmanagerSettings | null;
  /** From the folder of prometheus.yml. */
  readonly rules: readonly string[];
}

/** prometheus.yml: what is scraped and labelled, which rules are tested, and where alerts go. */
export function prometheusFile(input: RenderInput, { subject, settings, alerts, rules }: PrometheusFileOptions): string {
  const interval = promDuration(settings.interval);
  // With a patience of its own: the default of ten seconds may not exceed the interval.
  const timeout = promDuration(Math.min(10, settings.interval));
  const labels = { ...subject };
  const authorization = settings.keyFile === null ? undefined : { type: "Bearer", credentials_file: settings.keyFile };
  const scraped: Yaml[] = [
    {
      job_name: "millwright",
      scheme: hasTls(input) ? "https" : "http",
      metrics_path: "/metrics",
      authorization,
      tls_config: settings.authority === null ? undefined : { ca_file: settings.authority },
      static_configs: [{ targets: settings.targets ?? [embeddedTarget(input)], labels }],
    },
    ...(settings.gpus.length === 0 ? [] : [{ job_name: "dcgm", static_configs: [{ targets: settings.gpus, labels }] }]),
  ];
  return yaml({
    global: { scrape_interval: interval, scrape_timeout: timeout, evaluation_interval: interval },
    rule_files: rules,
    alerting: alerts === null ? undefined : { alertmanagers: [alertmanagerOf(alerts, settings)] },
    scrape_configs: scraped,
  });
}

function alertmanagerOf({ url, tokenVariable }: AlertmanagerSettings, { secrets }: PrometheusSettings): Yaml {
  const path = url.pathname.replace(/\/+$/, "");
  return {
    scheme: url.protocol.slice(0, -1),
    path_prefix: path === "" ? undefined : path,
    authorization: tokenVariable === null ? undefined : { type: "Bearer", credentials_file: `${secrets}/${tokenVariable}` },
    static_configs: [{ targets: [url.port === "" ? `${url.hostname}:${url.protocol === "https:" ? 443 : 80}` : url.host] }],
  };
}

function hasTls({ environment }: RenderInput): boolean {
  return environment.bindings["server"]?.options["tls"] !== undefined;
}

/** Where the embedded server listens, as its binding says. @throws MillwrightError `no-target` when its port is a free one */
function embeddedTarget({ environment }: RenderInput): string {
  const server = environment.bindings["server"];
  const { host = "127.0.0.1", port = 0 } = server?.system === "embedded" ? server.options : {};
  const everywhere = host === "0.0.0.0" || host === "::";
  if (typeof port === "number" && port > 0 && typeof host === "string" && !everywhere) return `${host}:${port}`;
  throw new MillwrightError({
    code: "no-target",
    what: everywhere
      ? `Prometheus cannot be told where to find millwright up: it listens on ${String(host)}, every address of its machine`
      : "Prometheus cannot be told where to find millwright up: its port is a free one each time",
    where: environment.bindings["monitor"]?.origin ?? environment.origin,
    fix: 'name it, monitor: prometheus({ targets: ["10.0.0.5:8080"] }), or give it a port, server: embedded({ port: 8080 })',
  });
}
