import { stderr } from "node:process";
import type { AssetResult, PlannedStep, Reporter } from "../run/report.ts";
import type { RunResult } from "../run/run.ts";
import { aligned, colour, formatCount, formatSeconds } from "./text.ts";

interface Running {
  readonly since: number;
  readonly work: string;
  progress: string;
}

const verbs: Readonly<Record<string, string>> = {
  source: "extracting",
  table: "building",
  load: "loading",
  metric: "measuring",
  model: "training",
  endpoint: "releasing",
  maintenance: "maintaining",
};
const marks: Readonly<Record<AssetResult["outcome"], string>> = {
  created: "+",
  updated: "~",
  unchanged: "=",
  failed: "x",
  skipped: "-",
  cancelled: "-",
};

/**
 * Tells on standard error how a run goes: on a terminal the running steps with their progress stay at the bottom
 * and are drawn anew ten times a second; elsewhere each event is a plain line.
 */
export function terminalReporter(stream: NodeJS.WriteStream = stderr): Reporter & Disposable & { end(result: RunResult): void } {
  const live = stream.isTTY === true;
  const running = new Map<string, Running>();
  let drawn = 0;
  let unchanged = 0;

  const clear = () => {
    if (drawn > 0) stream.write(`\x1b[${drawn}A\x1b[0J`);
    drawn = 0;
  };
  const draw = () => {
    clear();
    const width = stream.columns ?? 80;
    const lines = [...running].map(([asset, { since, work, progress }]) =>
      `  ${asset}: ${work} ${progress} ${formatSeconds((performance.now() - since) / 1000)}`.slice(0, width - 1),
    );
    if (lines.length > 0) stream.write(`${lines.join("\n")}\n`);
    drawn = lines.length;
  };
  const line = (text: string) => {
    if (live) clear();
    stream.write(`${text}\n`);
    if (live) draw();
  };
  const timer = live ? setInterval(draw, 100) : null;
  timer?.unref();

  return {
    plan(planned) {
      for (const text of planLines(planned)) line(text);
    },
    started(asset, work) {
      running.set(asset, { since: performance.now(), work: verbs[work] ?? work, progress: "" });
    },
    progress(asset, { done, total, unit }) {
      const step = running.get(asset);
      if (step === undefined) return;
      step.progress =
        total === null
          ? `${formatCount(done)} ${unit}`
          : `${bar(done / Math.max(total, 1))} ${formatCount(done)} of ${formatCount(total)} ${unit}`;
    },
    retry(asset, attempt, delay, reason) {
      line(`  ${asset}: attempt ${attempt} failed (${reason}); again in ${formatSeconds(delay / 1000)}`);
    },
    finished(result) {
      running.delete(result.asset);
      if (result.outcome === "unchanged") {
        unchanged += 1;
        return;
      }
      line(resultLine(result));
    },
    note: (text) => line(`  ${text}`),
    end(result) {
      if (live) clear();
      running.clear();
      if (timer !== null) clearInterval(timer);
      const done = result.results.filter((one) => one.outcome === "created" || one.outcome === "updated").length;
      const failed = result.results.filter((one) => one.outcome === "failed").length;
      stream.write(
        `run ${result.run} ${result.outcome}: ${done} done, ${unchanged} unchanged${failed > 0 ? `, ${failed} failed` : ""}, ${formatSeconds(result.seconds)}\n`,
      );
    },
    [Symbol.dispose]() {
      if (timer !== null) clearInterval(timer);
      if (live) clear();
    },
  };
}

function resultLine({ asset, kind, outcome, rows, seconds, detail }: AssetResult): string {
  const left = outcome === "skipped" || outcome === "cancelled";
  const parts = [
    rows === null ? null : `${formatCount(rows)} rows`,
    left ? null : formatSeconds(seconds),
    outcome === "failed" ? null : detail,
  ].filter((part) => part !== null);
  const head = `${marks[outcome]} ${asset} ${colour(outcome === "failed" ? "red" : "grey", `(${kind}, ${outcome})`)}`;
  return outcome === "failed" ? `${head}\n${indent(detail ?? "")}` : `${head} ${parts.join(", ")}`;
}

/** What a run will do, as aligned lines; unchanged steps are counted, not listed. */
export function planLines(planned: readonly PlannedStep[]): string[] {
  const shown = planned.filter((step) => step.action !== "unchanged");
  const rest = planned.length - shown.length;
  return [
    ...aligned(shown.map((step) => [`  ${step.action}`, step.asset, step.reason])),
    ...(rest > 0 ? [`  ${formatCount(rest)} unchanged`] : []),
  ];
}

function bar(share: number): string {
  const full = Math.round(20 * Math.min(1, share));
  return `[${"#".repeat(full)}${" ".repeat(20 - full)}]`;
}

function indent(text: string): string {
  return text
    .split("\n")
    .map((line) => `    ${line}`)
    .join("\n");
}
