import { contentHash } from "../define/canonical.ts";
import type { MetricNode } from "../define/node.ts";
import { inputSnapshots, sameInputs } from "./inputs.ts";
import { printAggregate } from "../transform/print.ts";
import type { StepResult } from "./commit.ts";
import type { Session } from "./session.ts";
import { snapshotsOf } from "./standing.ts";
import { secondsSince } from "./seconds.ts";

/** Measures a metric on its table's newest snapshot and writes it into the journal, unless that was done already. */
export async function measureMetric(session: Session, node: MetricNode): Promise<StepResult> {
  const began = performance.now();
  const definition = contentHash(node);
  const inputs = inputSnapshots(session, [node.of], node);
  const last = session.latest("metric.measured").get(node.name)?.body;
  if (!session.full && last?.["definition"] === definition && sameInputs(session, snapshotsOf(last), [node.of])) {
    return { outcome: "unchanged", rows: null, detail: valueText(last["value"]) };
  }
  const engine = await session.engine();
  const [row] = await engine.ask(
    `SELECT ${printAggregate(node.value, engine.dialect)} AS value FROM ${engine.relation(node.of, inputs[node.of] ?? null)}`,
  );
  const value = row?.["value"] ?? null;
  const seconds = secondsSince(began);
  await session.journal.commit([
    { type: "metric.measured", asset: node.name, run: session.run, body: { definition, inputs, value, seconds } },
  ]);
  return { outcome: last === undefined ? "created" : "updated", rows: null, detail: valueText(value) };
}

function valueText(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}
