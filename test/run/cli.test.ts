import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { RunResult } from "../../src/run/run.ts";
import { openShop } from "./shop.ts";

const sources = new URL("../crash/sources.ts", import.meta.url).href;
const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A shop whose platform file stands beside its data, as a user has it; commands run there in processes of their own. */
function shopWithFile(helper = ""): {
  readonly shop: ReturnType<typeof openShop>;
  millwright(...args: string[]): Promise<Ended> & { interrupt(): void };
} {
  const shop = openShop();
  writeFileSync(
    join(shop.directory, "platform.ts"),
    `import { environment, platform, source, table } from "millwright";
import { sqlite } from "millwright/systems";

const orders = source("ops").table("orders", { key: "id", cursor: "at" });
const clean = table("orders_clean", orders).check({ amount: { between: [0, 100] } }).load();

export default platform({ name: "shop", assets: [clean], environments: { local: environment({ ops: sqlite({ file: "shop.sqlite" }), helpers: [${helper}] }) } });
`,
  );
  return {
    shop,
    millwright(...args) {
      const child = spawn(process.execPath, ["--import", sources, main, ...args], {
        cwd: shop.directory,
        stdio: ["ignore", "pipe", "pipe"],
      });
      let [stdout, stderr] = ["", ""];
      child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
      child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
      const ended = once(child, "close").then((): Ended => ({ code: child.exitCode, stdout, stderr }));
      return Object.assign(ended, { interrupt: () => void child.kill("SIGINT") });
    },
  };
}

test("run --json prints one document on standard output and plain lines on standard error", async () => {
  const { shop, millwright } = shopWithFile();
  const dry = await millwright("run", "--dry-run", "--json");
  expect(JSON.parse(dry.stdout)).toEqual({
    steps: ["orders", "orders_clean", "warehouse.orders_clean"].map((asset) => expect.objectContaining({ asset, action: "create" })),
  });
  expect([...shop.heads()]).toEqual([]);

  const first = await millwright("run", "--json");
  expect(first.code, first.stderr).toBe(0);
  const result: RunResult = JSON.parse(first.stdout);
  expect(result).toMatchObject({
    outcome: "succeeded",
    run: expect.stringMatching(/^\d{8}T\d{6}-[0-9a-f]{6}$/),
    seconds: expect.any(Number),
  });
  expect(result.results.map(({ asset, outcome, rows }) => [asset, outcome, rows])).toEqual([
    ["orders", "created", 5],
    ["orders_clean", "created", 4],
    ["warehouse.orders_clean", "created", 4],
  ]);
  expect(first.stderr).toMatch(/create\s+orders\s/);
  expect(first.stderr).toMatch(/\+ orders_clean .*1 in orders_clean_quarantine/);
  expect(first.stderr).toContain("succeeded: 3 done");
  expect(first.stderr).not.toContain("\x1b");

  const second = await millwright("run");
  expect(second).toMatchObject({ code: 0, stdout: "" });
  expect(second.stderr).toContain("0 done, 3 unchanged");
});

test("a run whose work fails exits with 1, one that is asked for nonsense with 2, each saying where and what to do", async () => {
  const { shop, millwright } = shopWithFile();
  const unknown = await millwright("run", "order", "--json");
  expect(unknown).toMatchObject({ code: 2, stdout: "" });
  expect(unknown.stderr).toMatch(/no asset 'order'\n {2}at .*platform\.ts:\d+\n {2}to fix: use one of: orders/);
  shop.source("ALTER TABLE orders RENAME TO purchases");
  const failed = await millwright("run", "--json");
  expect(failed.code).toBe(1);
  const result: RunResult = JSON.parse(failed.stdout);
  expect(result.results.map(({ asset, outcome, detail }) => [asset, outcome, detail?.split("\n")[0]])).toEqual([
    ["orders", "failed", "the source ops has no table 'orders'"],
    ["orders_clean", "skipped", "orders failed"],
    ["warehouse.orders_clean", "skipped", "orders failed"],
  ]);
  expect(failed.stderr).toMatch(/x orders .*\n.*no table 'orders'\n\s+at .*platform\.ts:4\n\s+to fix: use one of: customers, purchases/);
});

test("Ctrl-C ends a run as cancelled", async () => {
  const { shop, millwright } = shopWithFile(`"sleep 60"`);
  const running = millwright("run", "--json");
  while (shop.events().length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  running.interrupt();
  const { code, stdout, stderr } = await running;
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ outcome: "cancelled" });
  expect(stderr).toContain("stopping; press Ctrl-C again");
});
