import { execFile } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "node:net";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkPlatform } from "../../src/define/check.ts";
import { environment } from "../../src/define/environment.ts";
import { platform } from "../../src/define/platform.ts";
import { source } from "../../src/define/source.ts";
import { table } from "../../src/define/table.ts";
import { rest } from "../../src/systems/rest.ts";

let directory: string;
beforeEach(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), "check-file-")));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const own = (path: string): string => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href);

test("findings name the line of the user's own files, relative to the platform's folder", async () => {
  await mkdir(join(directory, "tables"));
  await writeFile(
    join(directory, "tables/clean.ts"),
    `import { source, table } from ${own("index.ts")};
const planes = source("ops").table("planes", { columns: { tailnum: "text" }, key: "tailnum" });

export const clean = table("planes_clean", planes)
  // @ts-expect-error the type checker says it too
  .dedupe("tailnumber");
`,
  );
  await writeFile(
    join(directory, "platform.ts"),
    `import { environment, platform } from ${own("index.ts")};
import { sqlite } from ${own("systems/index.ts")};
import { clean } from "./tables/clean.ts";

export default platform({
  name: "planes", assets: [clean], environments: {
    local: environment({ ops: sqlite({ file: "ops.sqlite" }) }),
    prod: environment({ op: sqlite({ file: "ops.sqlite" }) }),
  },
});
`,
  );
  const script = `import { checkPlatform } from ${own("define/check.ts")};
const { default: definition } = await import(${JSON.stringify(pathToFileURL(join(directory, "platform.ts")).href)});
const { problems } = await checkPlatform({ definition, directory: ${JSON.stringify(directory)}, offline: true });
console.log(JSON.stringify(problems.map(({ code, where }) => [code, where])));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script]);
  expect(JSON.parse(stdout)).toEqual([
    ["unbound-role", "platform.ts:8"],
    ["unused-binding", "platform.ts:8"],
    ["unknown-column", "tables/clean.ts:4"],
  ]);
}, 30_000);

test("a source that accepts and never answers is given up, and said to be late", async () => {
  const sockets = new Set<{ destroy(): void }>();
  const silent = createServer((socket) => sockets.add(socket));
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const address = silent.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const rows = source("api").table("rows", { key: "id", columns: { id: "bigint" } });
  const definition = platform({
    name: "late",
    assets: [table("copied", rows)],
    environments: { local: environment({ api: rest({ url: `http://127.0.0.1:${address.port}`, tables: { rows: { path: "/rows" } } }) }) },
  });
  try {
    const began = performance.now();
    const { problems } = await checkPlatform({ definition, directory, patience: 500 });
    expect(performance.now() - began).toBeLessThan(60_000);
    expect(problems).toMatchObject([
      { severity: "warning", code: "source-unreachable", what: expect.stringContaining("did not answer within 0.5 s") },
    ]);
  } finally {
    sockets.forEach((socket) => socket.destroy());
    silent.close();
  }
}, 30_000);
