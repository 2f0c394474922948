import { existsSync, readFileSync } from "node:fs";
import { nearestNames } from "../../define/nearest.ts";
import { MillwrightError } from "../../error.ts";
import { systemFacts } from "../../systems/catalogue/index.ts";
import { accelerators } from "../catalogue/accelerators.ts";
import { hardware, rates } from "../catalogue/hardware.ts";
import { instances } from "../catalogue/instances/index.ts";
import { services } from "../catalogue/services/index.ts";
import type { OwnPrice } from "../vocabulary.ts";

/**
 * Prices of one's own: a file of lines `what,dollars`, `aws/m7i.large,0.09` for an hour, `aws/m7i.large/reserved,0.06`,
 * `aws/s3/Standard / Storage,0.021` for the provider's unit, `owned/electricity,0.11`. Empty lines and lines that begin with `#` say nothing. The last comma
 * divides: names have commas too.
 *
 * @param file its path, for errors and origins
 * @throws MillwrightError `bad-price` with the line that cannot be read, names nothing, names what an earlier line named, or of a file that is not there
 */
export function readPrices(file: string): Readonly<Record<string, OwnPrice>> {
  if (!existsSync(file))
    throw new MillwrightError({ code: "bad-price", what: `there is no file '${file}'`, fix: "name a file of lines 'what,dollars'" });
  return parsePrices(readFileSync(file, "utf8"), file);
}

/** The same of a text. */
export function parsePrices(text: string, file: string): Readonly<Record<string, OwnPrice>> {
  const prices: Record<string, OwnPrice> = {};
  for (const [index, raw] of text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .entries()) {
    const line = raw.trim();
    const where = { file, line: index + 1 };
    if (line === "" || line.startsWith("#")) continue;
    const comma = line.lastIndexOf(",");
    const key = line
      .slice(0, comma)
      .trim()
      .replace(/^"(.*)"$/, "$1");
    const digits = line.slice(comma + 1).trim();
    const bad = (what: string, fix: string) => new MillwrightError({ code: "bad-price", what, where, fix });
    if (comma <= 0 || !/^\d+(\.\d+)?(e-?\d+)?$/i.test(digits))
      throw bad(`'${line}' is no price`, "write what it is of, a comma, and US dollars: aws/m7i.large,0.09");
    if (!known().has(key)) {
      const near = nearestNames(key, [...known()]);
      throw bad(
        `the catalogue knows nothing that is called '${key}'`,
        near.length > 0 ? `use one of: ${near.join(", ")}` : "see docs/cost.md for the names",
      );
    }
    if (Object.hasOwn(prices, key)) throw bad(`'${key}' stands on line ${prices[key]?.where.line} already`, "leave one of them out");
    prices[key] = Object.freeze({ price: Number(digits), where });
  }
  return Object.freeze(prices);
}

let names: ReadonlySet<string> | null = null;

/** Everything that a price may be given of. */
function known(): ReadonlySet<string> {
  names ??= new Set([
    ...instances.flatMap(({ provider, type }) => [`${provider}/${type}`, `${provider}/${type}/reserved`, `${provider}/${type}/spot`]),
    ...services.map(({ provider, service, item }) => `${provider}/${service}/${item}`),
    ...hardware.map(({ type }) => `owned/${type}`),
    ...accelerators
      .filter(({ name }) => !hardware.some(({ accelerator }) => accelerator === name))
      .map(({ name }) => `owned/machine with ${name}`),
    ...Object.values(rates).map(({ name }) => name),
    ...[...systemFacts.values()].flatMap(({ name, managed }) => (managed ? [`${name}/month`] : [])),
    ...["lambda", "nebius"].map((provider) => `${provider}/disks/GB`),
  ]);
  return names;
}
