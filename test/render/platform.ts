import { boostedTrees, endpoint, env, environment, model, platform, source, type Definition } from "../../src/index.ts";
import { alertmanager, grafana, prometheus, sqlite, type AlertmanagerOptions, type PrometheusOptions } from "../../src/systems/index.ts";

export interface PaymentsOptions {
  readonly prometheus: PrometheusOptions;
  readonly alertmanager: AlertmanagerOptions;
}

/** Payments that are late when they are large, with a model that two endpoints serve, and monitoring as it is asked for. */
export function paymentsPlatform(options: PaymentsOptions): Definition {
  const payments = source("ops").table("payments", {
    key: "id",
    cursor: "at",
    columns: { id: "bigint", amount: "double", country: "text", late: "integer", at: "timestamp" },
  });
  const late = model("late", {
    from: payments,
    target: "late",
    ignore: ["id"],
    split: { by: "at", test: "last 10 days" },
    train: boostedTrees({ trees: 8 }),
    accept: { auc: ">= 0.6" },
  });
  return platform({
    name: "shop",
    requirements: { uptime: "99.9%", latency: { p99: "40 ms" } },
    assets: [endpoint("score", { model: late, drift: "psi > 0.2" }), endpoint("again", { model: late, drift: "ks > 0.1" })],
    environments: {
      local: environment({
        ops: sqlite({ file: "shop.sqlite" }),
        monitor: prometheus(options.prometheus),
        alerts: alertmanager(options.alertmanager),
        dashboard: grafana({ prometheus: "http://127.0.0.1:9090" }),
      }),
    },
  });
}

/** The same with all that can be said of it, and addresses that nobody asks. */
export function richPlatform(): Definition {
  return paymentsPlatform({
    prometheus: { targets: ["127.0.0.1:8080"], gpus: ["127.0.0.1:9400"], key: env("METRICS_KEY"), stale: "6 hours" },
    alertmanager: {
      url: "https://alerts.example.com/team",
      token: env("ALERTS_TOKEN"),
      smtp: { host: "smtp.example.com:587", from: "alerts@example.com", user: "alerts", password: env("SMTP_PASSWORD") },
      escalation: [
        { name: "team", slack: env("TEAM_SLACK"), channel: "#payments" },
        { name: "lead", webhook: env("LEAD_HOOK"), email: ["lead@example.com", "deputy@example.com"], after: "15 minutes" },
        { name: "head", pagerduty: env("HEAD_KEY"), after: "30 minutes", severity: "critical" },
      ],
    },
  });
}
