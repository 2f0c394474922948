import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { PlatformPlan, Verdict } from "../../src/plan/vocabulary.ts";
import { temporaryFolder } from "../run/temporary.ts";

const sources = new URL("../crash/sources.ts", import.meta.url).href;
const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** A shop with an environment at Amazon and one of its own, and `millwright plan` in its folder. */
function shop() {
  const directory = temporaryFolder();
  writeFileSync(
    join(directory, "platform.ts"),
    `import { environment, platform, source, table } from "millwright";
import { files, s3 } from "millwright/systems";
const orders = source("data").table("orders", { key: "id" });
export default platform({ name: "shop", assets: [table("clean", orders)], requirements: { volume: "1 GB/day", budget: "$900/month" }, environments: {
  cloud: environment({ data: files({ directory: "data" }), lake: s3({ bucket: "shop" }), place: { provider: "aws", region: "us-east-1" } }),
  own: environment({ data: files({ directory: "data" }), place: { provider: "owned" } }),
} });
`,
  );
  const millwright = async (...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> => {
    const child = spawn(process.execPath, ["--import", sources, main, "plan", ...args], {
      cwd: directory,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
    await once(child, "close");
    return { code: child.exitCode, stdout, stderr };
  };
  return { directory, millwright };
}

test(
  "plan --diff compares environments, files and folders, and exits with 1 when what was met is missed",
  { timeout: 240_000 },
  async () => {
    const { directory, millwright } = shop();
    const environments = await millwright("--diff", "cloud", "own");
    expect(environments.stdout).toContain("from shop, cloud to shop, own");
    expect(environments.stdout).toContain("lake: s3 -> local");
    expect(environments.stdout).toContain("option: aws us-east-1, on demand -> owned, US");
    expect(environments.code).toBe(0);

    const plan: PlatformPlan = JSON.parse((await millwright("--env", "cloud", "--json")).stdout);
    const judged = (outcome: Verdict["outcome"]) =>
      JSON.stringify({
        ...plan,
        requirements: plan.requirements.map((one) => (one.requirement.name === "budget" ? { ...one, outcome, reason: "for a test" } : one)),
      });
    mkdirSync(join(directory, "version-1"));
    writeFileSync(join(directory, "version-1", "plan.json"), judged("met"));
    writeFileSync(join(directory, "version-2.json"), judged("missed"));
    const broken = await millwright("--diff", "version-1", "version-2.json", "--json");
    expect(broken.code).toBe(1);
    expect(JSON.parse(broken.stdout).requirements).toMatchObject([
      { name: "budget", broken: true, from: { outcome: "met" }, to: { outcome: "missed" } },
    ]);
    expect((await millwright("--diff", "version-2.json", "version-1")).code).toBe(0);

    writeFileSync(join(directory, "nothing.json"), "{}");
    const bad = await millwright("--diff", "version-1", "nothing.json");
    expect([bad.code, bad.stderr]).toEqual([2, expect.stringMatching(/nothing\.json is no plan of a platform/)]);
    expect(await millwright("--diff", "version-1")).toMatchObject({ code: 2, stderr: expect.stringMatching(/two plans/) });
  },
);

test("plan --focus writes the bill, with the prices of one's own, and says what it leaves out", { timeout: 120_000 }, async () => {
  const { directory, millwright } = shop();
  writeFileSync(join(directory, "prices.csv"), "# ours\naws/s3/Standard / PUT, COPY, POST, LIST requests,0.5\n");
  const { stderr } = await millwright("--env", "cloud", "--focus", "bill.csv", "--prices", "prices.csv");
  const [header = "", ...rows] = readFileSync(join(directory, "bill.csv"), "utf8").trimEnd().split("\n");
  expect(header).toContain("BilledCost,BillingAccountId");
  expect(rows.find((row) => row.includes("PUT, COPY, POST, LIST"))).toContain("prices.csv:2");
  expect(stderr).toMatch(/not in bill\.csv: \d+ lines? of unknown cost: engine/);
  writeFileSync(join(directory, "prices.csv"), "aws/s4/Standard,0.5\n");
  const bad = await millwright("--prices", "prices.csv");
  expect([bad.code, bad.stderr]).toEqual([2, expect.stringMatching(/aws\/s4\/Standard[^]*prices\.csv:1/)]);
});
