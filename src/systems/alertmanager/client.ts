import { MillwrightError } from "../../error.ts";
import type { Acknowledgement, ActiveAlert, Alerts } from "../roles.ts";

export interface ClientOptions {
  /** Without a slash at the end. */
  readonly url: string;
  readonly token: string | null;
}

/** The label of alerts that repeat another one for a later level; people acknowledge the one. */
const level = "escalation";
const patience = 20_000;

/** Alertmanager's API (v2): alerts, and silences of what goes beyond the first level. */
export function openAlerts({ url, token }: ClientOptions): Alerts {
  const ask = async (method: "GET" | "POST", path: string, body?: unknown): Promise<unknown> => {
    let reply: Response;
    try {
      reply = await fetch(`${url}/api/v2/${path}`, {
        method,
        headers: { "content-type": "application/json", ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
        signal: AbortSignal.timeout(patience),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (error) {
      throw new MillwrightError(
        {
          code: "alerts-unreachable",
          what: `Alertmanager does not answer at ${url}: ${reasonOf(error)}`,
          fix: "look whether it runs, and whether alertmanager({ url }) is its address as seen from here",
        },
        { cause: error },
      );
    }
    const text = await reply.text();
    if (reply.ok) return text === "" ? null : JSON.parse(text);
    throw new MillwrightError({
      code: "alerts-refused",
      what: `Alertmanager refuses ${method} ${path.split("?")[0]}: ${reply.status} ${text.slice(0, 500)}`,
      fix: reply.status === 401 || reply.status === 403 ? "give alertmanager({ token }) one that it accepts" : "see its log",
    });
  };
  return {
    async active(labels) {
      const filter = new URLSearchParams(
        Object.entries(labels).map(([name, value]): [string, string] => ["filter", `${name}=${JSON.stringify(value)}`]),
      );
      const [alerts, silences] = [list(await ask("GET", `alerts?${filter}`)), list(await ask("GET", "silences"))];
      const standing = silences.filter((silence) => text(member(silence, "status")["state"]) === "active");
      return alerts
        .filter((alert) => labelsOf(alert)[level] === undefined)
        .map((alert): ActiveAlert => {
          const { alertname = "", ...others } = labelsOf(alert);
          // As its repetitions at later levels are labelled, which may not have fired yet.
          const silence = standing.find((each) => isAbout(each, { alertname, ...others, [level]: "later" }));
          return {
            name: alertname,
            labels: others,
            summary: text(member(alert, "annotations")["summary"]),
            since: text(alert["startsAt"]),
            acknowledged: silence === undefined ? null : acknowledgementOf(silence),
          };
        });
    },
    async acknowledge({ name, labels }, { by, because, until }) {
      const matchers = [
        ...Object.entries({ alertname: name, ...labels }).map(([label, value]) => ({ name: label, value, isRegex: false, isEqual: true })),
        { name: level, value: ".+", isRegex: true, isEqual: true },
      ];
      await ask("POST", "silences", { matchers, startsAt: new Date().toISOString(), endsAt: until, createdBy: by, comment: because });
    },
    async close() {},
  };
}

type Fields = Readonly<Record<string, unknown>>;

function list(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

function member(value: Fields, name: string): Fields {
  const inner = value[name];
  return isFields(inner) ? inner : {};
}

function labelsOf(alert: Fields): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(member(alert, "labels")).map(([name, value]) => [name, text(value)]));
}

/** Whether a silence is about an alert with these labels: all its matchers must fit, and a label that is not there is empty. */
function isAbout(silence: Fields, labels: Readonly<Record<string, string>>): boolean {
  return list(silence["matchers"]).every(({ name, value, isRegex, isEqual = true }) => {
    const [label, wanted] = [labels[text(name)] ?? "", text(value)];
    return (isRegex === true ? new RegExp(`^(?:${wanted})$`).test(label) : label === wanted) === isEqual;
  });
}

function acknowledgementOf(silence: Fields): Acknowledgement {
  return { by: text(silence["createdBy"]), because: text(silence["comment"]), until: text(silence["endsAt"]) };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
