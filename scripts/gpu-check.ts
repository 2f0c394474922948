// What is said of GPUs and can be shown on no machine without one: each claim with the one command that shows it. Runs those that can run here;
// ends with 1 when one of them fails. `npm run gpu-check [-- NAME... --results FILE]`
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { stdout } from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { claims, thisGpuMachine, type Claim } from "./gpu/claims.ts";

interface Outcome {
  readonly name: string;
  readonly claim: string;
  readonly command: string;
  /** `shown`, `failed`, or `unproven: why`. */
  readonly outcome: string;
  readonly seconds: number | null;
  /** The last line that the command printed: its figures. */
  readonly said: string | null;
}

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { results: { type: "string", default: join(root, "bench", "results", "gpu-check.json") } },
});
const unknown = positionals.find((name) => !claims.some((claim) => claim.name === name));
if (unknown !== undefined) {
  console.error(`there is no claim '${unknown}'; use: ${claims.map(({ name }) => name).join(", ")}`);
  process.exit(2);
}
const machine = thisGpuMachine();
const outcomes = claims.filter(({ name }) => positionals.length === 0 || positionals.includes(name)).map(settle);

const width = Math.max(...outcomes.map(({ name }) => name.length));
for (const { name, claim, command, outcome, said } of outcomes) {
  stdout.write(`${name.padEnd(width)}  ${outcome}\n${" ".repeat(width)}  ${claim}\n${" ".repeat(width)}  ${command}\n`);
  if (said !== null) stdout.write(`${" ".repeat(width)}  ${said}\n`);
}
if (machine.gpus.length > 0 && outcomes.some(({ seconds }) => seconds !== null)) {
  mkdirSync(dirname(values.results), { recursive: true });
  const document = { date: new Date().toISOString().slice(0, 10), node: process.versions.node, gpus: machine.gpus, claims: outcomes };
  writeFileSync(values.results, `${JSON.stringify(document, null, 2)}\n`);
}
process.exit(outcomes.some(({ outcome }) => outcome === "failed") ? 1 : 0);

function settle({ name, claim, command, missing }: Claim): Outcome {
  const shown = { name, claim, command: command.join(" ") };
  const reason = missing(machine);
  if (reason !== null) return { ...shown, outcome: `unproven: ${reason}`, seconds: null, said: null };
  const began = performance.now();
  const [program, ...args] = command;
  const result = spawnSync(program === "node" ? process.execPath : program, args, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  const said = result.stdout.trim().split("\n").at(-1) ?? "";
  return { ...shown, outcome: result.status === 0 ? "shown" : "failed", seconds: Math.round((performance.now() - began) / 100) / 10, said };
}
