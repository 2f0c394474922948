import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bench, Finding, Measurement } from "./bench.ts";
import { ratioOf, spreadOf, type Sample } from "./measure.ts";
import { processorSeconds } from "./serving/cpu.ts";
import { closedLoop, openLoop, type Load } from "./serving/load.ts";
import { requestBody, treesModel } from "./serving/model.ts";
import { mlserverVersion } from "../test/servers/mlserver.ts";
import { startMlserver, startOurs, startTheirTriton, tritonVersion, type Served } from "./serving/servers.ts";

const rounds = 5;
const stepSeconds = 10;
const warmSeconds = 2;
const perSecond = 400;

const ours = "millwright";
const triton = "Triton, Python backend";
const mlserver = "MLServer";

/** What belongs to a server is known by its command line. */
const servers: Readonly<Record<string, { readonly start: (file: string) => Promise<Served>; readonly command: string }>> = {
  [ours]: { start: startOurs, command: "serving/ours.ts" },
  [triton]: { start: startTheirTriton, command: "bin/tritonserver" },
  [mlserver]: { start: startMlserver, command: "from mlserver.cli" },
};

const steps: Readonly<Record<string, (url: string, body: string, seconds: number) => Promise<Load>>> = {
  "1 connection": (url, body, seconds) => closedLoop(url, body, 1, seconds),
  "16 connections": (url, body, seconds) => closedLoop(url, body, 16, seconds),
  "64 connections": (url, body, seconds) => closedLoop(url, body, 64, seconds),
  [`${perSecond} requests a second`]: (url, body, seconds) => openLoop(url, body, perSecond, seconds),
};

interface Taken {
  /** Wall and processor time of one request. */
  readonly sample: Sample;
  readonly p99: number;
}

export const bench: Bench = {
  name: "serving",
  title: "one row a request as JSON through the server, 100 trees and 20 features; times are of one request",
  async run(note, options) {
    const directory = await mkdtemp(join(tmpdir(), "millwright-bench-"));
    const body = requestBody();
    const taken = new Map<string, Map<string, Taken[]>>(Object.keys(steps).map((step) => [step, new Map()]));
    const seconds = options.minutes === undefined ? stepSeconds : options.minutes * 60;
    try {
      const file = join(directory, "model.onnx");
      await writeFile(file, treesModel());
      for (let round = 0; round < (options.rounds ?? rounds); round++) {
        for (const [name, { start, command }] of Object.entries(servers)) {
          const served = await start(file);
          try {
            await sameAnswer(served.url, body, name);
            await closedLoop(served.url, body, 16, Math.min(seconds, warmSeconds));
            for (const [step, load] of Object.entries(steps)) {
              const before = processorSeconds([command]);
              const found = await load(served.url, body, seconds);
              const cpu = (processorSeconds([command]) - before) / found.requests;
              const list = taken.get(step)?.get(name) ?? [];
              list.push({ sample: { wall: found.seconds / found.requests, cpu }, p99: found.p99 });
              taken.get(step)?.set(name, list);
              note(
                `${name}, ${step}: ${(cpu * 1e6).toFixed(0)} us of CPU, p99 ${(found.p99 * 1000).toFixed(2)} ms, ${(found.requests / found.seconds).toFixed(0)} a second`,
              );
            }
          } finally {
            await served.stop();
          }
        }
      }
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
    const measurements: Measurement[] = [];
    const findings: Finding[] = [];
    for (const [step, byServer] of taken) {
      for (const [variant, list] of byServer) {
        measurements.push({ subject: step, variant, samples: list.map(({ sample }) => sample) });
        findings.push({
          what: `${step}: p99 of ${variant}`,
          unit: "ms",
          value: spreadOf(list.map(({ p99 }) => p99 * 1000)),
          cpu: null,
          limit: null,
        });
      }
      const mine = byServer.get(ours) ?? [];
      for (const [peer, limit] of [
        [mlserver, 0.2],
        [triton, 0.5],
      ] as const) {
        const other = byServer.get(peer) ?? [];
        const ratio = (of: (each: Taken) => number): Finding["value"] =>
          ratioOf(
            mine.map((each) => ({ wall: of(each), cpu: 0 })),
            other.map((each) => ({ wall: of(each), cpu: 0 })),
            "wall",
          );
        findings.push({
          what: `${step}: CPU a request against ${peer}`,
          unit: "times",
          value: ratio(({ sample }) => sample.cpu),
          cpu: null,
          limit,
        });
        findings.push({ what: `${step}: p99 against ${peer}`, unit: "times", value: ratio(({ p99 }) => p99), cpu: null, limit: 1 });
      }
    }
    return { measurements, findings, versions: { mlserver: mlserverVersion, triton: tritonVersion } };
  },
};

let expected: number | null = null;

/** Every server must give the same probability, or there is nothing to compare. */
async function sameAnswer(url: string, body: string, name: string): Promise<void> {
  const reply = await fetch(`${url}/v2/models/trees/infer`, { method: "POST", body, headers: { "content-type": "application/json" } });
  const answer: { outputs?: { data: number[] }[] } = JSON.parse(await reply.text());
  const probability = answer.outputs?.[0]?.data[1] ?? NaN;
  expected ??= probability;
  if (!(Math.abs(probability - expected) < 1e-6))
    throw new Error(`${name} says ${JSON.stringify(answer).slice(0, 300)}; expected ${expected}`);
}
