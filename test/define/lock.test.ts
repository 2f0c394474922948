import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { compareLocks, emptyLock, lockText, lockTypes, readLock, writeLock, type SchemaLock } from "../../src/define/lock.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "lock-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const lock: SchemaLock = {
  version: 1,
  sources: {
    weather: { hourly: { time: "timestamp", temp: "double" } },
    ops: { planes: { tailnum: "text" }, flights: { id: "bigint", fare: "decimal(10,2)" } },
  },
  tables: { flights_clean: { id: "bigint" } },
};

test("what is written is read again, sorted by name with columns in their own order, and ends with a newline", async () => {
  writeLock(directory, lock);
  expect(readLock(directory)).toEqual(lock);
  const text = await readFile(join(directory, "schema.lock.json"), "utf8");
  expect(text).toBe(lockText(lock));
  expect(text.endsWith("}\n")).toBe(true);
  expect([...text.matchAll(/"(flights|planes|hourly|ops|weather|time|temp)":/g)].map(([, name]) => name)).toEqual([
    "ops",
    "flights",
    "planes",
    "weather",
    "hourly",
    "time",
    "temp",
  ]);
  expect(lockText({ ...lock, sources: { ops: lock.sources["ops"] ?? {}, weather: lock.sources["weather"] ?? {} } })).toBe(text);
});

test("writing the same again touches no file, and no half-written file is left", async () => {
  writeLock(directory, lock);
  const before = await stat(join(directory, "schema.lock.json"), { bigint: true });
  writeLock(directory, lock);
  expect((await stat(join(directory, "schema.lock.json"), { bigint: true })).mtimeNs).toBe(before.mtimeNs);
  expect(await readdir(directory)).toEqual(["schema.lock.d.ts", "schema.lock.json"]);
});

test("without a file there is no lock; a file that is none is refused by name", async () => {
  expect(readLock(directory)).toBeNull();
  for (const [text, why] of [
    ["<<<<<<< ours", /cannot be read/],
    ["[]", /no object/],
    ['{"version": 2, "sources": {}, "tables": {}}', /version is 2/],
    ['{"version": 1, "sources": {"ops": {"flights": {"id": "number"}}}, "tables": {}}', /'sources'/],
    ['{"version": 1, "sources": {}}', /'tables'/],
  ] as const) {
    await writeFile(join(directory, "schema.lock.json"), text);
    expect(() => readLock(directory)).toThrow(why);
  }
});

test("differences are told in words", () => {
  const after: SchemaLock = {
    version: 1,
    sources: { ops: { flights: { id: "integer", carrier: "text" }, planes: { tailnum: "text" }, airports: { faa: "text", name: "text" } } },
    tables: { flights_clean: { id: "bigint" } },
  };
  expect(compareLocks(lock, after)).toEqual([
    "ops.airports: new table of 2 columns",
    "ops.flights: lost the column fare (decimal(10,2))",
    "ops.flights: id is now integer, was bigint",
    "ops.flights: new column carrier (text)",
    "weather.hourly: no longer in the platform",
  ]);
  expect(compareLocks(lock, lock)).toEqual([]);
  expect(compareLocks(emptyLock, { ...emptyLock, tables: { t: { a: "text" } } })).toEqual(["t: new table of 1 column"]);
  expect(
    compareLocks({ ...emptyLock, tables: { t: { a: "text", b: "text" } } }, { ...emptyLock, tables: { t: { b: "text", a: "text" } } }),
  ).toEqual(["t: its columns are in another order"]);
});

test("the written types make a wrong column a compile error where the platform imports the package", async () => {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  await mkdir(join(directory, "node_modules/millwright"), { recursive: true });
  const source = JSON.stringify(join(root, "src/define/source.ts"));
  const sources = JSON.stringify(join(root, "src/define/sources.ts"));
  await writeFile(
    join(directory, "node_modules/millwright/package.json"),
    '{ "name": "millwright", "type": "module", "exports": { ".": { "types": "./index.ts" } } }',
  );
  await writeFile(
    join(directory, "node_modules/millwright/index.ts"),
    `export { source } from ${source};\nexport type { Sources } from ${sources};\n`,
  );
  await writeFile(join(directory, "package.json"), '{ "type": "module" }');
  const options = {
    module: "nodenext",
    target: "es2024",
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    types: ["node"],
    typeRoots: [join(root, "node_modules/@types")],
  };
  await writeFile(
    join(directory, "tsconfig.json"),
    JSON.stringify({ compilerOptions: options, files: ["schema.lock.d.ts", "platform.ts"] }),
  );
  await writeFile(
    join(directory, "platform.ts"),
    'import { source } from "millwright";\nsource("ops").table("flights", { key: "id" });\nsource("ops").table("flights", { key: "idd" });\nsource("ops").table("unlisted", { key: "anything" });\n',
  );
  writeLock(directory, lock);
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const { stdout } = await promisify(execFile)(process.execPath, [compiler, "-p", directory], { cwd: directory }).catch(
    (error: { stdout: string }) => error,
  );
  expect(stdout).toMatch(/platform\.ts\(3,\d+\): error TS\d+: .*'"idd"'/);
  expect(
    stdout
      .trim()
      .split("\n")
      .filter((line) => line.includes("error")),
  ).toHaveLength(1);
}, 60_000);

test("the types say each table of each source", () => {
  expect(lockTypes(lock)).toContain(
    '    "ops": {\n      "flights": {\n        "id": "bigint";\n        "fare": "decimal(10,2)";\n      };',
  );
});
