import type { AlertmanagerSettings, Level } from "../../systems/alertmanager/settings.ts";
import { yaml, type Yaml } from "../yaml.ts";
import { promDuration } from "./rule.ts";

/** What alerts of one kind are about: those with the same come in one message. */
const grouping = ["alertname", "platform", "environment", "endpoint", "asset", "table", "model", "Hostname"];

/**
 * alertmanager.yml: the first level is the root of the routes, and each later one gets the alerts that Prometheus labels with its name when
 * they have fired for its time. What is silenced, goes to nobody; `millwright alert acknowledge` silences the later levels only.
 */
export function alertmanagerFile(settings: AlertmanagerSettings): string {
  const { levels, smtp } = settings;
  const [first, ...later] = levels;
  return yaml({
    global:
      smtp === null
        ? undefined
        : {
            smtp_smarthost: smtp.host,
            smtp_from: smtp.from,
            smtp_auth_username: smtp.user ?? undefined,
            smtp_auth_password_file: smtp.passwordFile ?? undefined,
          },
    route: {
      receiver: first?.name ?? "",
      group_by: grouping,
      group_wait: promDuration(settings.wait),
      group_interval: promDuration(settings.interval),
      repeat_interval: promDuration(settings.repeat),
      routes: later.map(({ name }) => ({ receiver: name, matchers: [`escalation="${name}"`], group_wait: "0s" })),
    },
    inhibit_rules: inhibitions(),
    receivers: levels.map(receiver),
  });
}

/** Of one trouble the worst is told: a server that is down predicts nothing, and a budget that burns fast burns slowly too. */
function inhibitions(): Yaml[] {
  const same = ["platform", "environment", "escalation"];
  const weaker = (strong: string, weak: string): Yaml => ({
    source_matchers: [`alertname="${strong}"`],
    target_matchers: [`alertname=~"${weak}"`],
    equal: [...same, "endpoint"],
  });
  return [
    {
      source_matchers: ['alertname="MillwrightDown"'],
      target_matchers: ['alertname=~"MillwrightPredictionsMissing|MillwrightTableStale"'],
      equal: same,
    },
    ...["MillwrightErrorBudget", "MillwrightLatency"].flatMap((kind) => [
      weaker(`${kind}1h`, `${kind}6h|${kind}3d`),
      weaker(`${kind}6h`, `${kind}3d`),
    ]),
  ];
}

function receiver({ name, webhook, slack, pagerduty, email }: Level): Yaml {
  return {
    name,
    webhook_configs:
      webhook === null ? undefined : [{ ...("url" in webhook ? { url: webhook.url } : { url_file: webhook.file }), send_resolved: true }],
    slack_configs:
      slack === null ? undefined : [{ api_url_file: slack.file, channel: slack.channel ?? undefined, send_resolved: true, title, text }],
    pagerduty_configs:
      pagerduty === null ? undefined : [{ routing_key_file: pagerduty, severity: "{{ .CommonLabels.severity }}", description: title }],
    email_configs: email.length === 0 ? undefined : email.map((to) => ({ to, send_resolved: true })),
  };
}

const title = '{{ if eq .Status "firing" }}{{ .CommonLabels.severity }}{{ else }}resolved{{ end }}: {{ .CommonAnnotations.summary }}';
const text = "{{ range .Alerts }}{{ .Annotations.description }}\n{{ end }}";
