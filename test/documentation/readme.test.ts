import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { onTestFinished, expect, test } from "vitest";
import { packageFolder } from "./program.ts";
import { fencedBlocks, pageText, root } from "./snippets.ts";

const blocks = fencedBlocks("README.md");

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder in which the built package is installed, as `npm install` leaves it. */
function project(): { readonly folder: string; run(line: string): Ran } {
  const { folder, remove } = packageFolder();
  onTestFinished(remove);
  mkdirSync(join(folder, "node_modules", ".bin"));
  symlinkSync("../millwright/bin/millwright.js", join(folder, "node_modules", ".bin", "millwright"));
  const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env["PATH"]}` };
  return {
    folder,
    run(line) {
      const { status, stdout, stderr } = spawnSync("sh", ["-c", line], { cwd: folder, encoding: "utf8", env });
      return { code: status, stdout, stderr };
    },
  };
}

test("the commands of a project of one's own do what the README says, in its order", () => {
  const lines =
    blocks
      .find(({ code }) => code.includes("millwright init"))
      ?.code.trim()
      .split("\n") ?? [];
  // The package is installed already; test/package.test.ts installs it from npm's tarball.
  expect(lines[0]).toBe("npm install --save-dev millwright node@24");
  const { folder, run } = project();
  const said = lines.slice(1).map((line) => ({ line, ...run(line) }));
  for (const { line, code, stderr } of said) expect(`${line}: ${code} ${code === 0 ? "" : stderr}`).toBe(`${line}: 0 `);
  const outputOf = (command: string) => said.find(({ line }) => line.startsWith(`npx millwright ${command}`))?.stdout ?? "";
  expect(outputOf("init")).toContain("next: npx millwright run");
  expect(outputOf("check")).toMatch(/is right: 1 asset, 1 environment$/m);
  expect(readFileSync(join(folder, "schema.lock.json"), "utf8")).toContain('"customer": "text"');
  expect(outputOf("query").split("\n").toSorted()).toEqual(expect.arrayContaining(["ada        32.5", "max           8", "2 rows"]));
  expect(outputOf("status")).toMatch(/^orders +source +\w+ +3 /m);
  expect(outputOf("lineage")).toContain("orders");
}, 60_000);

test("the platform of the README checks, type-checks with its lock, runs, answers, serves and watches", async () => {
  const { folder, run } = project();
  const platform = blocks.find(({ language }) => language === "ts")?.code ?? "";
  writeFileSync(join(folder, "platform.ts"), platform);
  writeYear(folder);

  const check = run("npx millwright check --env local");
  expect(check.stderr).not.toContain("error");
  expect(check.code).toBe(0);
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: { module: "nodenext", target: "es2024", strict: true, noUncheckedIndexedAccess: true, noEmit: true, types: [] },
    }),
  );
  expect(run(`node ${join(root, "node_modules/typescript/bin/tsc")} -p . --pretty false`)).toMatchObject({ code: 0, stdout: "" });

  // The page about check shows what it says of a column that is not there.
  writeFileSync(join(folder, "platform.ts"), platform.replace("f.arr_delay", "f.arr_dely"));
  const wrong = run("npx millwright check --offline");
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain(fencedBlocks("docs/check.md").find(({ language }) => language === "")?.code);
  writeFileSync(join(folder, "platform.ts"), platform);

  expect(run("npx millwright run")).toMatchObject({ code: 0 });
  const { assets }: { assets: readonly { name: string; rows: number | null }[] } = JSON.parse(run("npx millwright status --json").stdout);
  const rows = Object.fromEntries(assets.map((asset) => [asset.name, asset.rows]));
  expect(rows).toMatchObject({ flights: 4000, weather: 1095, flights_clean: 3999, delay_features: 3999 });
  expect(JSON.parse(run('npx millwright query "select count(*) as put_aside from flights_clean_quarantine" --json').stdout)).toEqual([
    { put_aside: 1 },
  ]);
  expect(run("npx millwright lineage delay --column label").stdout).toContain("weather.temp");
  expect(run("npx millwright lineage flights_clean --column late").stdout).toBe(
    fencedBlocks("docs/lineage.md").find(({ code }) => code.startsWith("flights_clean.late"))?.code,
  );

  const server = spawn(process.execPath, [join(root, "bin/millwright.js"), "up", "--json"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(server, "exit");
  onTestFinished(async () => {
    server.kill("SIGTERM");
    await ended;
  });
  const [line] = await Promise.race([
    once(createInterface({ input: server.stdout }), "line"),
    ended.then(() => Promise.reject(new Error("up ended before it was ready"))),
  ]);
  const doors: { readonly inference: { readonly http: string } } = JSON.parse(String(line));
  const inputs = Object.entries({ carrier: "AA", origin: "JFK", dest: "LAX" }).map(([name, value]) => ({
    name,
    datatype: "BYTES",
    shape: [1, 1],
    data: [value],
  }));
  const numbers = Object.entries({ hour: 20, distance: 2475, temp: 5, precip: 3 }).map(([name, value]) => ({
    name,
    datatype: "FP64",
    shape: [1, 1],
    data: [value],
  }));
  const reply = await fetch(`${doors.inference.http}/v2/models/delay/infer`, {
    method: "POST",
    body: JSON.stringify({ inputs: [...inputs, ...numbers] }),
  });
  expect(await reply.json()).toMatchObject({ model_name: "delay", outputs: [{ name: "label" }, { name: "probabilities", shape: [1, 2] }] });

  const metrics = await (await fetch(`${doors.inference.http}/metrics`)).text();
  const documented = [...pageText("docs/monitoring.md").matchAll(/`(millwright_[a-z_]+)/g)].map((match) => match[1] ?? "");
  expect(documented.length).toBeGreaterThan(10);
  expect(documented.filter((name) => !metrics.includes(`# TYPE ${name} `))).toEqual([]);
}, 120_000);

/** A year of made-up flights (one with an impossible distance) in ops.sqlite, and its weather in data/weather.csv; rain and evenings make flights late. */
function writeYear(folder: string): void {
  const origins = ["EWR", "JFK", "LGA"];
  const start = Date.UTC(2013, 0, 1);
  const rain = (day: number, origin: number) => ((day * 7 + origin * 3) % 11) - 5;
  using database = new DatabaseSync(join(folder, "ops.sqlite"));
  database.exec(
    `CREATE TABLE flights (id BIGINT PRIMARY KEY, updated_at TIMESTAMP, carrier TEXT, origin TEXT, dest TEXT, hour INTEGER, distance DOUBLE, air_time DOUBLE, arr_delay DOUBLE); BEGIN`,
  );
  const insert = database.prepare("INSERT INTO flights VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
  for (let id = 1; id <= 4000; id++) {
    const day = Math.floor(((id - 1) * 365) / 4000);
    const hour = 6 + (id % 16);
    const origin = id % 3;
    const late = rain(day, origin) > 0 && hour > 12;
    const delay = (late ? 25 : 0) + ((id * 37) % 23) - 5;
    insert.run(
      id,
      new Date(start + (day * 24 + hour) * 3_600_000).toISOString(),
      ["AA", "UA", "B6", "DL"][id % 4] ?? "",
      origins[origin] ?? "",
      ["LAX", "SFO", "ORD"][id % 3] ?? "",
      hour,
      id === 100 ? 0 : 300 + (id % 2000),
      id % 9 === 0 ? null : 60 + (id % 200),
      delay,
    );
  }
  database.exec("COMMIT");
  mkdirSync(join(folder, "data"));
  const days = Array.from({ length: 365 }, (_, day) =>
    origins.map(
      (origin, index) =>
        `${origin},${new Date(start + (day * 24 - 1) * 3_600_000).toISOString()},${10 + (day % 20)},${Math.max(0, rain(day, index))}`,
    ),
  );
  writeFileSync(join(folder, "data", "weather.csv"), `origin,time_hour,temp,precip\n${days.flat().join("\n")}\n`);
}
