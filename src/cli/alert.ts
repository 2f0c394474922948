import { userInfo } from "node:os";
import { stdout } from "node:process";
import { parseArgs } from "node:util";
import { parseDuration } from "../define/duration.ts";
import { MillwrightError } from "../error.ts";
import { acknowledgeAlerts, activeAlerts } from "../run/alert.ts";
import type { ActiveAlert } from "../systems/roles.ts";
import { exitCodes } from "./exit.ts";
import { commonOptions, parsing } from "./options.ts";
import { loadPlatform } from "./platform.ts";
import { aligned, plural } from "./text.ts";

const usage = 'millwright alert list, or millwright alert acknowledge ALERT[@ABOUT] --because "..."';

/** `millwright alert` */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parsing(() =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { ...commonOptions, because: { type: "string" }, by: { type: "string" }, for: { type: "string", default: "4 hours" } },
    }),
  );
  const [action, name, ...more] = positionals;
  const platform = await loadPlatform(values);
  const print = (document: unknown, text: string): void => void stdout.write(values.json ? `${JSON.stringify(document)}\n` : text);
  if (action === "list" && name === undefined) {
    const alerts = await activeAlerts(platform);
    print({ alerts }, listText(alerts));
    return exitCodes.done;
  }
  if (action !== "acknowledge" || name === undefined || more.length > 0)
    throw new MillwrightError({ code: "bad-option", what: "alert lists what fires, or acknowledges one", fix: usage });
  const because = values.because?.trim() ?? "";
  if (because === "")
    throw new MillwrightError({ code: "bad-option", what: "the acknowledgement has no reason", fix: 'say why: --because "..."' });
  const [alert = "", about = null] = name.split("@");
  const until = new Date(Date.now() + parseDuration(values.for) * 1000).toISOString();
  const acknowledged = await acknowledgeAlerts({ ...platform, alert, about, by: values.by?.trim() || userInfo().username, because, until });
  print({ acknowledged, until }, acknowledged.map((each) => `${each.name} (${aboutOf(each)}) goes no further until ${until}\n`).join(""));
  return exitCodes.done;
}

/** The labels that tell alerts of one name apart. */
function aboutOf({ labels }: ActiveAlert): string {
  return Object.entries(labels)
    .flatMap(([name, value]) => (["severity", "platform", "environment", "job"].includes(name) ? [] : [value]))
    .join(", ");
}

function listText(alerts: readonly ActiveAlert[]): string {
  if (alerts.length === 0) return "nothing fires\n";
  const rows = alerts.map((alert) => [
    alert.name,
    aboutOf(alert),
    alert.labels["severity"] ?? "",
    alert.since.slice(0, 16).replace("T", " "),
    alert.acknowledged === null ? "" : `${alert.acknowledged.by}: ${alert.acknowledged.because}`,
    alert.summary,
  ]);
  return `${aligned([["alert", "about", "severity", "since (UTC)", "acknowledged", "what"], ...rows]).join("\n")}\n${plural(alerts.length, "alert")}\n`;
}
