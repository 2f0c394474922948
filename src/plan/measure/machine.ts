import type { EnvironmentNode } from "../../define/node.ts";
import type { MachineMeasurements } from "../vocabulary.ts";
import { unknown } from "../figure.ts";
import { measured, partOf, type Told } from "./told.ts";

/** On what the runs of an environment ran, as the newest of them told; null when none did. */
export function measuredMachine(environment: EnvironmentNode, told: Told): MachineMeasurements | null {
  const event = told.events("run.started").at(-1);
  const machine = event === undefined ? null : partOf(event.body, "machine");
  if (event === undefined || machine === null) return null;
  const engine = environment.bindings["engine"]?.system ?? "duckdb";
  return Object.freeze<MachineMeasurements>({
    engine,
    // Another engine computes elsewhere.
    cores:
      engine !== "duckdb"
        ? unknown("cores", "count", `nobody told how many cores ${engine} had`)
        : measured("cores", "count", machine["cores"], { what: `the machine of the run${told.where}`, run: event.run, time: event.time }),
    processor: String(machine["processor"]),
  });
}
