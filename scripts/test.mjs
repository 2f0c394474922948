// `npm test`: all set-up, then every check and test; the last line counts them.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environment, root, setup, step } from "./setup.mjs";

setup();
step("tsc", ["--noEmit"]);
step("tsc", ["-p", "examples/flights"]);
step("oxlint", ["--deny-warnings"]);
step("oxfmt", ["--check", "src", "test", "bench", "examples", "scripts", "templates"]);

const folder = mkdtempSync(join(tmpdir(), "millwright-test-"));
const report = join(folder, "report.json");
const { status } = spawnSync(
  "node",
  [
    join("node_modules", "vitest", "vitest.mjs"),
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  {
    cwd: root,
    stdio: "inherit",
    env: environment(),
  },
);
const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(readFileSync(report, "utf8"));
rmSync(folder, { recursive: true, force: true });
// A file that does not even load has no tests to fail, yet it failed.
const broken = testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0).length;
const failed = numFailedTests + broken;
console.log(`${numPassedTests} passed, ${failed} failed${numPendingTests > 0 ? `, ${numPendingTests} skipped` : ""}`);
process.exitCode = status === 0 && failed === 0 ? 0 : 1;
