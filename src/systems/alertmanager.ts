import type { Duration } from "../define/duration.ts";
import type { BindingNode } from "../define/node.ts";
import type { SecretReference } from "../define/option.ts";
import { optionError, textOption, textOr } from "../extract/options.ts";
import { binding } from "./binding.ts";
import { openAlerts } from "./alertmanager/client.ts";
import type { Alerts, Options, System } from "./roles.ts";

/** Who is told of alerts, and when. At least one of `webhook`, `slack`, `pagerduty` and `email` says how. */
export interface EscalationLevel {
  /** As alerts are labelled that have come so far: `team`, `lead`. */
  readonly name: string;
  /** How long an alert must have fired without being acknowledged. The first level is told at once, each later one after more time; at most a day. @default "0 seconds" */
  readonly after?: Duration;
  /** `"critical"`: of these only. @default all alerts */
  readonly severity?: "critical";
  /** An address that gets each message as JSON. */
  readonly webhook?: string | SecretReference;
  /** The address of an incoming webhook of Slack. */
  readonly slack?: SecretReference;
  /** Where in Slack: `#flights`. @default the webhook's own */
  readonly channel?: string;
  /** The integration key of a service in PagerDuty (Events API v2). */
  readonly pagerduty?: SecretReference;
  /** Addresses; `smtp` sends them. */
  readonly email?: string | readonly string[];
}

export interface AlertmanagerOptions {
  /** Where Prometheus and `millwright alert` reach it: `http://alertmanager:9093`. */
  readonly url: string;
  /** Who is told, one after the other, while nobody acknowledges. */
  readonly escalation: readonly EscalationLevel[];
  /** A bearer token of a proxy before it. */
  readonly token?: SecretReference;
  readonly smtp?: {
    /** With the port: `smtp.example.com:587`. */
    readonly host: string;
    readonly from: string;
    readonly user?: string;
    readonly password?: SecretReference;
  };
  /** How long the first message of a group of alerts waits for others of it. @default "30 seconds" */
  readonly wait?: Duration;
  /** Before a group's next message when something has changed in it. @default "5 minutes" */
  readonly interval?: Duration;
  /** Before the same message comes again. @default "4 hours" */
  readonly repeat?: Duration;
  /** The folder on Alertmanager's machine in which each secret is a file of its variable's name. @default "/etc/alertmanager/secrets" */
  readonly secrets?: string;
}

/**
 * An Alertmanager (0.26 or newer) that brings alerts to people, first to the one and later to the other; its configuration is written by
 * `millwright render monitoring`, and `millwright alert` tells it what has been acknowledged.
 *
 * @example
 * environment({
 *   alerts: alertmanager({
 *     url: "http://alertmanager:9093",
 *     escalation: [
 *       { name: "team", slack: env("TEAM_SLACK") },
 *       { name: "lead", webhook: env("LEAD_HOOK"), after: "15 minutes" },
 *     ],
 *   }),
 * })
 */
export function alertmanager(options: AlertmanagerOptions): BindingNode {
  return binding("alertmanager", options);
}

export const system: System = {
  name: "alertmanager",
  title: "Alertmanager",
  peers: [],
  roles: { alerts: connect },
  rendered: ["alerts"],
};

async function connect(options: Options): Promise<Alerts> {
  const url = textOption("alertmanager", options, "url").replace(/\/+$/, "");
  if (!URL.canParse(url)) throw optionError("alertmanager", "url", "an address such as http://127.0.0.1:9093");
  const token = textOr("alertmanager", options, "token", "");
  return openAlerts({ url, token: token === "" ? null : token });
}
