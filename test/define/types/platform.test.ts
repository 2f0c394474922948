import { beforeAll, expect, test } from "vitest";
import { compilerMessages } from "./compiler.ts";

const usual = [
  `from: features`,
  `target: "late"`,
  `split: { by: "at", test: "last 60 days" }`,
  `train: boostedTrees()`,
  `accept: { auc: ">= 0.7" }`,
];
/** A right model, but for the option that is given. */
const model = (option: string) =>
  `model("m", { ${[...usual.filter((one) => !option.startsWith(one.slice(0, one.indexOf(":") + 1))), option].join(", ")} })`;
const prod = (assets: string, bindings = `ops: mysql({ url: env("OPS_URL") })`) =>
  `platform({ name: "p", assets: [${assets}], environments: { local, prod: environment({ ${bindings} }) } })`;
const unbound = `Type 'EnvironmentDeclaration<"ops">' is not assignable to type '"environment 'prod' does not bind the source 'weather'"'.`;

// Platforms, environments, models, endpoints and metrics, and the words that the compiler must say; null: it must compile.
const lines: readonly (readonly [code: string, says: string | null])[] = [
  [
    prod(
      `endpoint("e", { model: delay, drift: "psi > 0.2" }), metric("n", clean, () => count())`,
      `ops: mysql({ url: env("OPS_URL") }), weather: rest({ url: env("WEATHER_URL"), tables: {} }), helpers: ["node api.ts"]`,
    ),
    null,
  ],
  [prod(`clean`), null],
  [prod(``, ``), null],
  [
    `platform({ name: "p", steps: { attempts: 2, timeout: "1 hour" }, requirements: { uptime: "99.9%", latency: { p99: "50 ms" }, compliance: ["GDPR"] }, assets: [clean], environments: { local } })`,
    null,
  ],
  // A source is needed by what reads it, however far away.
  [prod(`weather`), unbound],
  [prod(`features`), unbound],
  [prod(`delay`), unbound],
  [prod(`clean, endpoint("e", { model: delay })`), unbound],
  [prod(`metric("m", features, (f) => mean(f.temp))`), unbound],
  [prod(`table.sql("s", { clean, w: weather }, { duckdb: "select 1" })`), unbound],
  [prod(`table("t", table.sql("s", { w: weather }, { duckdb: "select 1" }))`), unbound],
  [prod(`clean.lookback(weather, { by: "origin", at: "at", time: "time_hour", columns: (w) => ({ m: mean(w.temp) }) })`), unbound],
  [
    prod(`features`, `helpers: ["node api.ts"]`),
    `Type 'EnvironmentDeclaration<never>' is not assignable to type '"environment 'prod' does not bind the source 'ops'" | "environment 'prod' does not bind the source 'weather'"'.`,
  ],
  [
    `platform({ name: "p", assets: [clean], environments: { local: { ops: sqlite({ file: "a" }) } } })`,
    `'ops' does not exist in type 'EnvironmentDeclaration<string>'`,
  ],
  [`platform({ name: "p", assets: [local], environments: { local } })`, `is missing the following properties from type 'Asset<string>'`],
  [
    `platform({ name: "p", assets: [clean], environments: { local }, requirements: { uptime: "much" } })`,
    "'\"much\"' is not assignable to type '`${number}%`'",
  ],
  [`platform({ name: "p", assets: [clean], environments: { local }, steps: { timeout: "long" } })`, `'"long"' is not assignable to type`],
  [`environment({ ops: sqlite({ file: "a" }), ...(Date.now() > 0 ? { helpers: ["node api.ts"] } : {}) })`, null],
  [`const any: EnvironmentDeclaration = environment({ ops: sqlite({ file: "a" }) })`, null],
  [`environment({ ops: "sqlite" })`, `Type 'string' is not assignable to type 'BindingNode'`],
  [`environment({ ops: ["sqlite"] })`, `Type 'string[]' is missing the following properties from type 'BindingNode'`],
  [`environment({ ops: sqlite({ file: "a" }), helpers: "node api.ts" })`, `Type 'string' is not assignable to type 'readonly string[]'`],
  [`environment({ ops: sqlite({ flie: "a" }) })`, `'flie' does not exist in type 'SqliteOptions'`],
  [`environment({ ops: mysql({ url: process.env["OPS_URL"] }) })`, `is not assignable to type 'string | SecretReference'`],

  [
    model(
      `features: ["air", "temp", "carrier"], ignore: ["id"], slices: ["carrier"], prepare: { temp: "zscore", carrier: "onehot", id: "ordinal", at: "none" }`,
    ),
    null,
  ],
  [model(`target: "lat"`), `'"lat"' is not assignable to type '"flights_clean has no column 'lat'"'`],
  [model(`target: "carrier"`), `'carrier' is text, but a boolean, or 0 and 1, is needed`],
  [model(`features: ["air", "tmp"]`), `"flights_clean has no column 'tmp'"`],
  [model(`ignore: ["idd"]`), `"flights_clean has no column 'idd'"`],
  [model(`slices: ["carier"]`), `"flights_clean has no column 'carier'"`],
  [model(`prepare: { tmp: "zscore" }`), `Did you mean to write 'temp'?`],
  [model(`prepare: { temp: "zscore", tmp: "zscore" }`), `"flights_clean has no column 'tmp'"`],
  [model(`prepare: { temp: "zscor" }`), `Did you mean '"zscore"'?`],
  [model(`prepare: { carrier: "zscore" }`), `'carrier' is text: it is prepared by ordinal or onehot`],
  [model(`prepare: { temp: "onehot" }`), `'temp' is double: it is prepared by none, zscore, minmax or log`],
  [model(`split: { by: "att", test: "last 60 days" }`), `"flights_clean has no column 'att'"`],
  [model(`split: { by: "air", test: "last 60 days" }`), `'air' is double, but a date or timestamp is needed`],
  [model(`split: { by: "at", test: "60 days" }`), "'\"60 days\"' is not assignable to type '`last ${number} days`'"],
  [model(`accept: { auc: "> 0.7" }`), "'\"> 0.7\"' is not assignable to type '`<= ${number}` | `>= ${number}`'"],
  [model(`accept: { logLoss: "<= 0.5", recall: ">= 0.2" }`), null],
  [model(`accept: { acu: ">= 0.7" }`), `'acu' does not exist in type`],
  [model(`train: boostedTrees({ tree: 3 })`), `Did you mean to write 'trees'?`],
  [model(`search: grid({ leaves: [15, 31], refit: [true] }, { metric: "auc" })`), null],
  [model(`search: grid({ leafs: [15, 31] })`), `boostedTrees has no parameter 'leafs'`],
  [model(`search: randomSearch({ leaves: between(8, 64, { whole: true }) }, { trials: 9 })`), null],
  [model(`search: successiveHalving({ leaves: [8] }, { factor: 3 })`), `Property 'trials' is missing`],
  [model(`search: grid({ leaves: between(8, 64) })`), `is not assignable to type`],
  [
    `model("m", { from: unknown, target: "a", features: ["b"], ignore: ["c"], slices: ["d"], split: { by: "e", test: "last 9 days" }, prepare: { f: "onehot" }, train: boostedTrees(), accept: {} })`,
    null,
  ],

  [`endpoint("e", { model: delay, drift: "psi > much" })`, "'\"psi > much\"' is not assignable to type"],
  [`endpoint("e", { model: delay, drift: "psy > 0.2" })`, "'\"psy > 0.2\"' is not assignable to type"],
  [`endpoint("e", { model: delay, drift: "p < 0.01" })`, null],
  [`endpoint("e", { model: clean })`, `is not assignable to type 'Model<"ops">'`],
  [`metric("m", clean, (f) => mean(f.air))`, null],
  [`metric("m", clean, (f) => f.air)`, `Type '"one row"' is not assignable to type '"many rows"'`],
  [`metric("m", clean, (f) => mean(f.airr))`, `Did you mean 'air'?`],
  [`metric("m", clean, (f) => mean(f.carrier))`, `Type '"text"' is not assignable to type 'Numeric'`],
  [`metric("m", delay, () => count())`, `Type 'ModelNode' is not assignable to type 'SourceTableNode | TableNode'`],
];

const preamble = `
import { between, boostedTrees, count, endpoint, env, environment, grid, mean, metric, model, platform, randomSearch, source, successiveHalving, table, type EnvironmentDeclaration } from "SRC/index.ts";
import { mysql, rest, sqlite } from "SRC/systems/index.ts";
const flights = source("ops").table("flights", { columns: { id: "bigint", carrier: "text", origin: "text", at: "timestamp", air: "double", late: "boolean" } });
const weather = source("weather").table("weather", { columns: { origin: "text", time_hour: "timestamp", temp: "double" } });
const unknown = source("ops").table("unknown");
const clean = table("flights_clean", flights);
const features = clean.join(weather, { on: "origin", asOf: { left: "at", right: "time_hour" }, columns: ["temp"] });
const delay = model("arrival_delay", { from: features, target: "late", split: { by: "at", test: "last 60 days" }, train: boostedTrees(), accept: { auc: ">= 0.7" } });
const local = environment({ ops: sqlite({ file: "ops.sqlite" }), weather: rest({ url: "http://127.0.0.1:8017", tables: {} }) });
`;

let messages: ReadonlyMap<number, string>;
beforeAll(() => {
  messages = compilerMessages(
    preamble,
    lines.map(([code]) => code),
  );
});

test("nothing but the lines themselves is wrong", () => {
  expect([...messages].filter(([line]) => line < 0)).toEqual([]);
});

test.each(lines.map(([code, says], index) => ({ code, says, index })))("$code", ({ says, index }) => {
  if (says === null) expect(messages.get(index)).toBeUndefined();
  else expect(messages.get(index)).toContain(says);
});
