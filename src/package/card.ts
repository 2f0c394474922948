import type { Latency } from "./latency.ts";
import type { PackagingOutcome } from "./outcome.ts";

/** What a model card says of packaging: Markdown paragraphs; none where the served file is the trainer's own by choice. */
export function packagingSection(packaging: PackagingOutcome | null | undefined): readonly string[] {
  if (!packaging) return [];
  const rows = packaging.steps.map(({ step, by, accepted, reason, measured }) => [
    step,
    by,
    accepted ? "taken" : "not taken",
    reason,
    measured === null ? "" : `${measured.bytes.before} to ${measured.bytes.after}`,
    measured === null ? "" : `${milliseconds(measured.latency.before)} to ${milliseconds(measured.latency.after)}`,
    measured === null
      ? ""
      : measured.figures.map(({ metric, before, after }) => `${metric} ${figure(before)} to ${figure(after)}`).join(", "),
  ]);
  const heads = ["step", "by", "", "why", "bytes", "ms for 1 and 64 rows", "figures on the test rows"];
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [
    "## Packaging",
    `\`model.onnx\` is served as **${packaging.served}**${packaging.served === "trained" ? "" : "; the trained file is kept as `model.trained.onnx`"}. The figures below are those of the served file.`,
    [line(heads), line(heads.map(() => "---")), ...rows.map(line)].join("\n"),
  ];
}

function milliseconds(latency: Latency): string {
  return Object.values(latency)
    .map((value) => String(Number(value.toPrecision(3))))
    .join(" and ");
}

function figure(value: number | null): string {
  return value === null ? "unknown" : String(Number(value.toPrecision(5)));
}
