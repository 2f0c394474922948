import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { renderMonitoring } from "../../src/render/monitoring.ts";
import { environmentOf } from "../../src/run/bind.ts";
import { richPlatform } from "./platform.ts";

interface Panel {
  readonly id: number;
  readonly type: "row" | "timeseries" | "stat" | "table";
  readonly title: string;
  readonly options?: unknown;
  readonly fieldConfig?: { readonly defaults: { readonly custom?: unknown } };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
}
interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
}

const definition = richPlatform();
const files = renderMonitoring({ definition, environment: environmentOf(definition, "local") }).files.filter(({ path }) =>
  path.startsWith("grafana/dashboards/"),
);
const dashboards = files.map(({ path, content }) => {
  const dashboard: Dashboard = JSON.parse(content);
  return { name: path.replace(/^.*\/(\w+)\.json$/, "$1"), content, dashboard };
});

const sdk = "@grafana/grafana-foundation-sdk";
/** The types of Grafana's own SDK; its enumerations as the texts that they are in JSON, and queries as Prometheus has them. */
const types = `import type { Dashboard } from "${sdk}/dashboard";
import type { Dataquery } from "${sdk}/prometheus";
import type * as timeseries from "${sdk}/timeseries";
import type * as stat from "${sdk}/stat";
import type * as table from "${sdk}/table";
type Plain<T> = 0 extends 1 & T ? unknown
  : T extends string ? \`\${T}\`
  : T extends number | boolean | null | undefined ? T
  : T extends { _implementsDataqueryVariant(): void } ? Omit<{ [K in keyof Dataquery]: Plain<Dataquery[K]> }, "_implementsDataqueryVariant">
  : T extends readonly (infer U)[] ? Plain<U>[]
  : T extends object ? { [K in keyof T]: Plain<T[K]> }
  : T;
`;

/** What the compiler says of a file with these types in front. */
function compile(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "millwright-dashboards-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const root = fileURLToPath(new URL("../../", import.meta.url));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(join(root, "node_modules/@grafana"), join(folder, "node_modules/@grafana"), "dir");
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
  writeFileSync(join(folder, "dashboards.ts"), types + text);
  const options = { module: "nodenext", target: "es2024", strict: true, noEmit: true, skipLibCheck: true, types: [] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files: ["dashboards.ts"] }));
  return spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", folder, "--pretty", "false"], {
    encoding: "utf8",
  }).stdout;
}

test("the dashboards fit the types of Grafana's SDK, down to the options of each panel, and nothing in them is unknown to it", () => {
  const checks = dashboards.flatMap(({ name, content, dashboard }) => [
    `export const ${name}: Plain<Dashboard> = ${content};`,
    ...dashboard.panels.flatMap(({ id, type, options, fieldConfig }) => {
      if (type === "row") return [];
      const custom = fieldConfig?.defaults.custom;
      return [
        `export const ${name}${id}: Plain<${type}.Options> = ${JSON.stringify(options)};`,
        ...(custom === undefined ? [] : [`export const ${name}${id}custom: Plain<timeseries.FieldConfig> = ${JSON.stringify(custom)};`]),
      ];
    }),
  ]);
  expect(checks.length).toBeGreaterThan(60);
  expect(compile(checks.join("\n"))).toBe("");
});

test("the types notice what Grafana would not understand", () => {
  const [{ content = "" } = {}] = dashboards;
  for (const wrong of [
    content.replace('"schemaVersion": 39', '"schemaVersion": "39"'),
    content.replace('"mode": "absolute"', '"mode": "relative"'),
    content.replace('"legendFormat"', '"legendary"'),
    content.replace('"gridPos"', '"position"'),
  ]) {
    expect(wrong).not.toBe(content);
    expect(compile(`export const wrong: Plain<Dashboard> = ${wrong};`)).toMatch(/error TS/);
  }
});

test("no panel lies over another or outside, and each has a number, a title and a description of its own", () => {
  expect(new Set(dashboards.map(({ dashboard }) => dashboard.uid)).size).toBe(dashboards.length);
  for (const { dashboard } of dashboards) {
    const { panels, uid, title } = dashboard;
    expect(uid.length).toBeLessThanOrEqual(40);
    expect(title).toMatch(/^shop \(local\): /);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) => {
      expect(x + w).toBeLessThanOrEqual(24);
      return Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`);
    });
    expect(new Set(cells).size).toBe(cells.length);
  }
});
