import { parseDuration } from "../../define/duration.ts";
import type { BindingNode } from "../../define/node.ts";
import type { Option } from "../../define/option.ts";
import { MillwrightError, type Origin } from "../../error.ts";
import { objectOr, optionError, textOption, textOr } from "../../extract/options.ts";
import { secretFile, variableOf } from "../secret-file.ts";

/** A level of escalation, read. */
export interface Level {
  readonly name: string;
  /** Seconds. */
  readonly after: number;
  /** Null: all alerts. */
  readonly severity: "critical" | null;
  readonly webhook: { readonly url: string } | { readonly file: string } | null;
  readonly slack: { readonly file: string; readonly channel: string | null } | null;
  /** The file of its key. */
  readonly pagerduty: string | null;
  readonly email: readonly string[];
}

/** What an Alertmanager is told; secrets are files on its machine. */
export interface AlertmanagerSettings {
  readonly url: URL;
  readonly tokenVariable: string | null;
  readonly levels: readonly Level[];
  readonly smtp: {
    readonly host: string;
    readonly from: string;
    readonly user: string | null;
    readonly passwordFile: string | null;
  } | null;
  /** Seconds. */
  readonly wait: number;
  readonly interval: number;
  readonly repeat: number;
}

type Given = Readonly<Record<string, Option>>;

const name = "alertmanager";
const day = 86_400;

/** @param binding with references in place of secrets. @throws MillwrightError `bad-option`, `bad-escalation`, `bad-duration` */
export function alertmanagerSettings({ options, origin }: Pick<BindingNode, "options" | "origin">): AlertmanagerSettings {
  const url = textOption(name, options, "url").replace(/\/+$/, "");
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol) || new URL(url).username !== "")
    throw optionError(name, "url", "an http or https address without a user in it, as in http://127.0.0.1:9093");
  const secrets = textOr(name, options, "secrets", "/etc/alertmanager/secrets").replace(/\/+$/, "");
  const smtp = options["smtp"] === undefined ? null : objectOr(name, options, "smtp");
  const given = options["escalation"];
  if (!Array.isArray(given) || given.length === 0) throw optionError(name, "escalation", "a list of levels");
  const levels = given.map((level: Option) => levelOf(objectOr(name, { escalation: level }, "escalation"), secrets));
  refuseDisorder(levels, smtp !== null, origin);
  return {
    url: new URL(url),
    tokenVariable: variableOf(options["token"] ?? null),
    levels,
    smtp:
      smtp === null
        ? null
        : {
            host: textOption(name, smtp, "host"),
            from: textOption(name, smtp, "from"),
            user: textOr(name, smtp, "user", "") || null,
            passwordFile: secretFile(name, smtp, "password", secrets),
          },
    wait: seconds(options, "wait", 30),
    interval: seconds(options, "interval", 300),
    repeat: seconds(options, "repeat", 4 * 3600),
  };
}

function levelOf(level: Given, secrets: string): Level {
  const severity = textOr(name, level, "severity", "") || null;
  if (severity !== null && severity !== "critical") throw optionError(name, "severity", "'critical', or left out for all alerts");
  const { webhook, email = [] } = level;
  const slack = secretFile(name, level, "slack", secrets);
  const hook = secretFile(name, typeof webhook === "string" ? {} : level, "webhook", secrets);
  return {
    name: textOption(name, level, "name"),
    after: seconds(level, "after", 0),
    severity,
    webhook: typeof webhook === "string" ? { url: checkedHook(webhook) } : hook === null ? null : { file: hook },
    slack: slack === null ? null : { file: slack, channel: textOr(name, level, "channel", "") || null },
    pagerduty: secretFile(name, level, "pagerduty", secrets),
    email: (Array.isArray(email) ? email : [email]).map((address: Option) => {
      if (typeof address === "string" && /^\S+@\S+$/.test(address)) return address;
      throw optionError(name, "email", "an address such as team@example.com, or a list of them");
    }),
  };
}

function checkedHook(url: string): string {
  if (URL.canParse(url) && new URL(url).password === "") return url;
  // The address is not repeated, because it may hold a secret.
  throw optionError(name, "webhook", 'an address without a password in it, or env("NAME")');
}

function seconds(options: Given, option: string, otherwise: number): number {
  return options[option] === undefined ? otherwise : parseDuration(textOption(name, options, option));
}

function refuseDisorder(levels: readonly Level[], smtp: boolean, where: Origin): void {
  const refuse = (what: string, fix: string): never => {
    throw new MillwrightError({ code: "bad-escalation", what, where, fix });
  };
  levels.forEach((level, index) => {
    const before = levels[index - 1];
    const said = `the level '${level.name}'`;
    if (!/^[a-z][a-z0-9_-]*$/.test(level.name))
      refuse(`${said} has a name that cannot be a label`, "use lower-case letters, digits, '-' and '_'");
    if (levels.slice(0, index).some((other) => other.name === level.name))
      refuse(`two levels are called '${level.name}'`, "rename one of them");
    if (before === undefined ? level.after !== 0 : level.after <= before.after)
      refuse(
        before === undefined ? `${said} is the first and waits` : `${said} is told no later than '${before.name}'`,
        "tell the first level at once, and each later one after more time: after: '15 minutes'",
      );
    if (level.after > day) refuse(`${said} is told after more than a day`, "give it at most '1 day'");
    if (index === 0 && level.severity !== null) refuse(`${said} is the first and is not told of all alerts`, "leave its severity out");
    if (level.webhook === null && level.slack === null && level.pagerduty === null && level.email.length === 0)
      refuse(`${said} does not say how it is told`, 'give it a webhook, slack, pagerduty or email: webhook: env("TEAM_HOOK")');
    if (level.email.length > 0 && !smtp) refuse(`${said} is told by email, and nothing sends it`, "add smtp: { host, from }");
  });
}
