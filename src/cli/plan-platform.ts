import { stdout } from "node:process";
import { parseArgs } from "node:util";
import type { Place } from "../define/node.ts";
import { MillwrightError } from "../error.ts";
import { readPrices } from "../plan/cost/read-prices.ts";
import { planInputOf } from "../plan/measure/measure.ts";
import { planPlatform } from "../plan/platform.ts";
import { exitCodes } from "./exit.ts";
import { commonOptions, parsing, wholeNumber } from "./options.ts";
import { writeFocus } from "./plan-focus.ts";
import { planText } from "./plan-text.ts";
import { loadPlatform } from "./platform.ts";

const providers: readonly Place["provider"][] = ["aws", "google", "azure", "lambda", "nebius", "owned"];
const purchases: readonly Place["purchase"][] = ["on-demand", "reserved", "spot", "owned"];

/** `millwright plan`: sizes, cost, service levels, compliance and choices of a platform in an environment; 1 when a requirement is missed. */
export async function runPlatform(args: readonly string[]): Promise<number> {
  const { values } = parsing(() =>
    parseArgs({
      args: [...args],
      options: {
        ...commonOptions,
        prices: { type: "string" },
        focus: { type: "string" },
        provider: { type: "string" },
        region: { type: "string" },
        zones: { type: "string" },
        purchase: { type: "string" },
        all: { type: "boolean", default: false },
      },
    }),
  );
  const platform = await loadPlatform(values);
  const place = placeOf(platform.environment.place, {
    provider: among(values.provider, "--provider", providers),
    region: values.region,
    zones: wholeNumber(values.zones, "--zones", 1),
    purchase: among(values.purchase, "--purchase", purchases),
  });
  const environment = { ...platform.environment, place };
  const prices = values.prices === undefined ? {} : readPrices(values.prices);
  const plan = planPlatform(planInputOf({ ...platform, environment, prices }));
  if (values.focus !== undefined) await writeFocus(plan, values.focus);
  stdout.write(values.json ? `${JSON.stringify(plan)}\n` : planText(plan, { stream: stdout, all: values.all }));
  return plan.requirements.some(({ outcome }) => outcome === "missed") ? exitCodes.failed : exitCodes.done;
}

/** Where the environment stands, with what the command line says instead. */
function placeOf(
  declared: Place | null,
  given: { readonly [Part in Exclude<keyof Place, "encryptedDisks">]: Place[Part] | undefined },
): Place | null {
  const said = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  if (Object.keys(said).length === 0) return declared;
  const provider = given.provider ?? declared?.provider;
  if (provider === undefined)
    throw new MillwrightError({
      code: "bad-option",
      what: "--region, --zones and --purchase ask for a provider, and the environment names none (place)",
      fix: `add --provider ${providers.join("|")}`,
    });
  // Another provider's regions have other names.
  const base =
    declared?.provider === provider
      ? declared
      : { region: null, zones: declared?.zones ?? 1, purchase: "on-demand" as const, encryptedDisks: declared?.encryptedDisks ?? false };
  return { ...base, ...said, provider };
}

function among<T extends string>(value: string | undefined, option: string, words: readonly T[]): T | undefined {
  if (value === undefined) return undefined;
  const word = words.find((one) => one === value);
  if (word === undefined)
    throw new MillwrightError({
      code: "bad-option",
      what: `${option} takes ${words.join(", ")}, not '${value}'`,
      fix: "see millwright plan --help",
    });
  return word;
}
