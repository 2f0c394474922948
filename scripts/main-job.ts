// The main job of examples/flights, end to end on embedded defaults: run, query, serve, predict, watch; then a summary.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const example = join(root, "examples", "flights");
const millwright = join(root, "bin", "millwright.js");
const began = performance.now();

/** Runs a command of Millwright in the example, its progress shown; gives what it printed. */
function command(args: readonly string[], options: { readonly mayFail?: boolean } = {}): string {
  const { status, stdout } = spawnSync(process.execPath, [millwright, ...args], {
    cwd: example,
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
  });
  if (status !== 0 && options.mayFail !== true) process.exit(status ?? 1);
  return stdout;
}

function heading(text: string): void {
  console.log(`\n== ${text}`);
}

heading("millwright run: extract, lake, transform, load, train, register, release");
command(["run"]);

heading("millwright query: which carriers were late most often?");
console.log(
  command([
    "query",
    "select a.name, sum(m.flights) as flights, round(sum(m.share_late * m.flights) / sum(m.flights), 3) as share_late from carrier_month m join airlines a using (carrier) group by all order by share_late desc limit 5",
  ]),
);

heading("millwright up: serve the model, ask it for 2,000 flights of the year, watch for drift");
const rows: readonly Record<string, unknown>[] = JSON.parse(
  command([
    "query",
    "select * exclude (id, scheduled, late, tailnum) from delay_features using sample reservoir(2000 rows) repeatable (1)",
    "--json",
  ]),
);
const server = spawn(process.execPath, [millwright, "up", "--json"], { cwd: example, stdio: ["ignore", "pipe", "inherit"] });
const [line] = await once(createInterface({ input: server.stdout }), "line");
const doors: { readonly inference: { readonly http: string } } = JSON.parse(String(line));
const metadata: { readonly inputs: readonly { readonly name: string; readonly datatype: string }[] } = JSON.parse(
  await (await fetch(`${doors.inference.http}/v2/models/delay`)).text(),
);
const latencies: number[] = [];
let late = 0;
for (let from = 0; from < rows.length; from += 4) {
  const batch = rows.slice(from, from + 4);
  const inputs = metadata.inputs.map(({ name, datatype }) => ({
    name,
    datatype,
    shape: [batch.length, 1],
    data: batch.map((row) => row[name] ?? null),
  }));
  const asked = performance.now();
  const reply = await fetch(`${doors.inference.http}/v2/models/delay/infer`, { method: "POST", body: JSON.stringify({ inputs }) });
  latencies.push(performance.now() - asked);
  const answer: { readonly error?: string; readonly outputs?: readonly { readonly name: string; readonly data: readonly number[] }[] } =
    JSON.parse(await reply.text());
  if (!reply.ok) throw new Error(`the endpoint answered ${reply.status}: ${answer.error ?? ""}`);
  late += answer.outputs?.find((output) => output.name === "label")?.data.filter((label) => label === 1).length ?? 0;
}
server.kill("SIGTERM");
await once(server, "exit");
const sorted = latencies.toSorted((a, b) => a - b);
const quantile = (share: number) => `${(sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(1)} ms`;
console.log(
  `${rows.length} predictions, ${late} of them late; a request of 4 rows took ${quantile(0.5)} (median), ${quantile(0.99)} (99 of 100)`,
);

heading("millwright status");
console.log(command(["status"], { mayFail: true }));
console.log(
  `The main job took ${Math.round((performance.now() - began) / 1000)} s. Next: cd examples/flights && npx millwright query, or npx millwright lineage delay --column recent_delay`,
);
