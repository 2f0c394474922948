import { stdout } from "node:process";
import { parseArgs } from "node:util";
import { backfillOf } from "../run/backfill.ts";
import { planSteps, stepsToRun } from "../run/plan.ts";
import { silent } from "../run/report.ts";
import { runPlatform } from "../run/run.ts";
import { openSession } from "../run/session.ts";
import { selectSteps } from "../run/graph.ts";
import { cancelOnSignals } from "./cancel.ts";
import { exitCodes } from "./exit.ts";
import { commonOptions, parsing, wholeNumber } from "./options.ts";
import { loadPlatform } from "./platform.ts";
import { planLines, terminalReporter } from "./report.ts";

/** `millwright run` */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parsing(() =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...commonOptions,
        full: { type: "boolean", default: false },
        "dry-run": { type: "boolean", default: false },
        wait: { type: "boolean", default: false },
        parallel: { type: "string" },
        timeout: { type: "string" },
        "allow-destroy": { type: "string", multiple: true, default: [] },
        openlineage: { type: "string" },
        from: { type: "string" },
        to: { type: "string" },
      },
    }),
  );
  const parallel = wholeNumber(values.parallel, "--parallel", 1);
  const timeout = wholeNumber(values.timeout, "--timeout", 1);
  const platform = await loadPlatform(values);
  const backfill = backfillOf(platform.definition, positionals, values);
  const cancel = cancelOnSignals(timeout);
  const options = { ...platform, backfill, full: values.full, allowDestroy: values["allow-destroy"], signal: cancel.signal };
  if (values["dry-run"]) {
    const session = openSession({ ...options, reporter: silent });
    const planned = planSteps(session, stepsToRun(session, selectSteps(platform.definition, positionals), positionals), positionals);
    await session.close();
    stdout.write(values.json ? `${JSON.stringify({ steps: planned })}\n` : `${planLines(planned).join("\n")}\n`);
    return exitCodes.done;
  }
  using reporter = terminalReporter();
  const result = await runPlatform({
    ...options,
    assets: positionals,
    wait: values.wait,
    reporter,
    ...(parallel === undefined ? {} : { parallel }),
  });
  reporter.end(result);
  if (values.openlineage !== undefined) {
    const { sendOpenLineage } = await import("../govern/openlineage-send.ts");
    await sendOpenLineage({ ...platform, run: result.run, target: values.openlineage, note: reporter.note });
  }
  if (values.json) stdout.write(`${JSON.stringify(result)}\n`);
  return result.outcome === "succeeded" ? exitCodes.done : exitCodes.failed;
}
