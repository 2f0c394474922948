import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "./examples/workspace.ts";

const execute = promisify(execFile);

let folder: string;
let tarball: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millwright-package-"));
  await execute("npm", ["pack", "--pack-destination", folder, "--ignore-scripts"], { cwd: root });
  tarball = join(folder, (await readdir(folder)).find((name) => name.endsWith(".tgz")) ?? "");
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test("the packed package, installed in an empty folder, answers a query over a user's own CSV file", async () => {
  const began = performance.now();
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "shop", private: true, allowScripts: { node: true } }));
  await writeFile(join(folder, "orders.csv"), "id,customer,amount\n1,ada,12.5\n2,max,8\n3,ada,20\n");
  await writeFile(
    join(folder, "platform.ts"),
    `import { environment, platform, source, sum, table } from "millwright";
import { files } from "millwright/systems";

const orders = source("data").table("orders");
const customers = table("customers", orders).aggregate({ by: "customer", columns: (o) => ({ spent: sum(o.amount) }) }).load();

export default platform({
  name: "shop",
  assets: [customers],
  environments: { local: environment({ data: files({ directory: "." }) }) },
});
`,
  );
  // Without a GPU the runtime needs no CUDA library, which its installer would fetch from a host of its own.
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: "skip" };
  await execute("npm", ["install", "--no-audit", "--no-fund", tarball, "node@24"], { cwd: folder, env });
  await execute("npx", ["millwright", "run"], { cwd: folder, env });
  const { stdout } = await execute("npx", ["millwright", "query", "select * from customers order by customer", "--json"], {
    cwd: folder,
    env,
  });
  expect(JSON.parse(stdout)).toEqual([
    { customer: "ada", spent: 32.5 },
    { customer: "max", spent: 8 },
  ]);
  console.log(`from an empty folder to the answer: ${Math.round((performance.now() - began) / 1000)} s`);
}, 300_000);

test("the package holds the built command line and the licence, and neither sources nor tests", async () => {
  const { stdout } = await execute("tar", ["-tzf", tarball]);
  const files = stdout.split("\n");
  expect(files).toEqual(
    expect.arrayContaining([
      "package/bin/millwright.js",
      "package/dist/cli/main.js",
      "package/dist/index.d.ts",
      "package/LICENSE",
      "package/README.md",
    ]),
  );
  expect(files.filter((file) => /^package\/(src|test|examples|bench)\//.test(file))).toEqual([]);
});
