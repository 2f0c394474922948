import { packagingSection } from "../package/card.ts";
import { describeCriterion } from "../train/accept.ts";
import { describeAgainst } from "../train/against.ts";
import type { Confusion, Slice } from "../train/metrics.ts";
import type { PreparedFeature } from "../train/preparation.ts";
import { ranked, type SearchReport } from "../train/search/report.ts";
import { importedCard } from "./imported-card.ts";
import type { ModelVersion } from "./version.ts";

/** What a card is made of: a version before it has aliases and a place. */
export type CardInput = Pick<ModelVersion, "version" | "status" | "content" | "files" | "description" | "provenance" | "created">;

/**
 * A model card in Markdown (after Mitchell et al. 2019, "Model Cards for Model Reporting"), made of nothing but what was recorded.
 */
export function modelCard(input: CardInput): string {
  const imported = input.description.imported ?? null;
  return imported === null ? trainedCard(input) : importedCard(input, imported);
}

function trainedCard({ version, status, content, files, description, provenance, created }: CardInput): string {
  const { model, target, trainer, parameters, periods, leftOut, metrics, gate, against, preparation, search, environment } = description;
  const positives = metrics.rows === 0 ? 0 : metrics.positives / metrics.rows;
  const sections = [
    `# ${model}, version ${version}`,
    `Status: **${status}**. Made ${created} by run \`${provenance.run}\` in environment \`${provenance.environment}\`.`,
    "## What it predicts",
    `The probability that \`${target}\` is 1 (or true), from one row of ${preparation.length} features. Trained by ${trainer}${metrics.trees === null ? "" : `, ${metrics.trees} trees`}. In the test rows ${percent(positives)} are 1.`,
    "## Data",
    table(["table", "snapshot"], Object.entries(provenance.inputs)),
    table(
      ["period", "from", "to", "rows"],
      Object.entries(periods).map(([name, { from, to, rows }]) => [name, from, to, String(rows)]),
    ),
    `Left out: ${leftOut.withoutLabel} rows without a label, ${leftOut.withoutTime} rows without a time.`,
    "## Features and their preparation",
    "The preparation was fitted on the training rows and lies inside `model.onnx`, which takes raw values.",
    table(
      ["feature", "type", "preparation"],
      preparation.map((feature) => [feature.name, feature.type, describePreparation(feature)]),
    ),
    ...packagingSection(description.packaging),
    "## Figures on the test rows",
    table(
      ["metric", "value"],
      [
        ["AUC", figure(metrics.auc)],
        ["log loss", figure(metrics.logLoss)],
        ["Brier score", figure(metrics.brier)],
        ["expected calibration error", figure(metrics.calibrationError)],
      ],
    ),
    table(
      ["confusion", "true positives", "false positives", "true negatives", "false negatives", "precision", "recall", "F1"],
      [confusionRow("at 0.5", metrics.confusion), confusionRow("at the best F1", metrics.confusionAtBestF1)],
    ),
    "Calibration: predicted and observed shares.",
    table(
      ["probability", "rows", "mean predicted", "observed"],
      metrics.calibration.map((bin) => [
        `${bin.from} to ${bin.to}`,
        String(bin.rows),
        figure(bin.meanProbability),
        figure(bin.shareOfPositives),
      ]),
    ),
    ...sliceTables(metrics.slices),
    ...Object.entries(metrics.slicesLeftOut).map(([column, values]) => `${values} rarer values of ${column} are not listed.`),
    "## Acceptance gate",
    gate.criteria.length === 0
      ? "No bounds were set."
      : gate.criteria.map((criterion) => `- ${criterion.met ? "met" : "**missed**"}: ${describeCriterion(criterion)}`).join("\n"),
    ...(against == null ? [] : ["## Beside the champion", `It is ${describeAgainst(against)}.`]),
    "## Limits",
    [
      "- The figures hold for rows like those of the test period; drift of the inputs against `profile.json` is what to watch.",
      "- Missing text is the empty text, a missing boolean is false; a missing number, date or timestamp is known as missing.",
      "- A category that training did not see, or saw fewer than 20 times under `ordinal`, is treated as of average risk.",
      "- The threshold with the best F1 was found on the test rows themselves, so its figures are a little too good.",
      `- \`model.onnx\` agreed with the trainer's own prediction within ${metrics.parity.maximumDifference.toExponential(1)} on all ${metrics.parity.rows} test rows.`,
    ].join("\n"),
    ...(search == null ? [] : searchSections(search)),
    "## How to reproduce",
    `Train the definition \`${provenance.definitionHash}\` with the code \`${provenance.codeHash}\` on the snapshots above; the files come out with the same bytes.`,
    table(
      ["parameter", "value"],
      Object.entries(parameters).map(([name, value]) => [name, String(value)]),
    ),
    ...(environment == null ? [] : [`Python ${environment.python} with ${environment.packages.map((one) => `\`${one}\``).join(", ")}.`]),
    table(
      ["file", "bytes", "SHA-256"],
      Object.entries(files).map(([name, { bytes, sha256 }]) => [name, String(bytes), `\`${sha256}\``]),
    ),
    `Content: \`${content}\``,
  ];
  return `${sections.join("\n\n")}\n`;
}

/** Trials that a card lists: the best ones. */
const listedTrials = 200;

function searchSections(search: SearchReport): string[] {
  const { method, metric, better, folds, trials, best, seed } = search;
  const names = [...new Set(trials.flatMap(({ parameters }) => Object.keys(parameters)))];
  const rounds = trials.at(-1)?.round ?? 1;
  const listed = [...Map.groupBy(trials, ({ round }) => round).values()].toReversed().flatMap((round) => ranked(round, better));
  const spans = folds.map(({ training, judged }, index) => [
    String(index + 1),
    `${training.from} to ${training.to}`,
    String(training.rows),
    `${judged.from} to ${judged.to}`,
    String(judged.rows),
  ]);
  return [
    "## Search of parameters",
    `By ${method} (seed ${seed}), ${rounds > 1 ? `${rounds} rounds, ` : ""}${trials.length} trials, each judged by its mean ${metric} over ${folds.length} ${folds.length === 1 ? "fold" : "folds"} of the training rows (${better} is better). Trial ${best} trained the model.`,
    table(["fold", "trained on", "rows", "judged by", "rows"], spans),
    table(
      ["trial", ...(rounds > 1 ? ["round", "share of rows"] : []), ...names, metric, `${metric} by fold`, "seconds"],
      listed
        .slice(0, listedTrials)
        .map(({ trial, round, share, parameters, value, folds: figures, seconds }) => [
          String(trial),
          ...(rounds > 1 ? [String(round), figure(share)] : []),
          ...names.map((name) => String(parameters[name] ?? "")),
          figure(value),
          figures.map((fold) => figure(fold[metric] ?? null)).join(", "),
          seconds.toFixed(1),
        ]),
    ),
    ...(listed.length > listedTrials ? [`${listed.length - listedTrials} worse trials are not listed; \`search.json\` has all.`] : []),
  ];
}

function sliceTables(slices: readonly Slice[]): string[] {
  const columns = [...new Set(slices.map(({ column }) => column))];
  return columns.map((column) =>
    table(
      [column, "rows", "share of 1", "AUC", "log loss", "Brier score", "calibration error"],
      slices
        .filter((slice) => slice.column === column)
        .map((slice) => [
          slice.value === "" ? "(missing)" : slice.value,
          String(slice.rows),
          percent(slice.positives / slice.rows),
          figure(slice.auc),
          figure(slice.logLoss),
          figure(slice.brier),
          figure(slice.calibrationError),
        ]),
    ),
  );
}

function confusionRow(
  name: string,
  { truePositives, falsePositives, trueNegatives, falseNegatives, precision, recall, f1, threshold }: Confusion,
): string[] {
  return [
    `${name} (${figure(threshold)})`,
    ...[truePositives, falsePositives, trueNegatives, falseNegatives].map(String),
    figure(precision),
    figure(recall),
    figure(f1),
  ];
}

/** How a feature was prepared, in words. */
export function describePreparation({ fitted }: PreparedFeature): string {
  switch (fitted.method) {
    case "zscore":
      return `z-score: mean ${figure(fitted.mean)}, standard deviation ${figure(fitted.standardDeviation)}`;
    case "minmax":
      return `min-max: ${figure(fitted.minimum)} to ${figure(fitted.maximum)}`;
    case "log":
      return "sign(x) ln(1 + |x|)";
    case "ordinal":
      return `ordinal by risk: ${fitted.categories.length} categories`;
    case "onehot":
      return `one-hot: ${fitted.categories.length} categories`;
    default:
      return "as it is";
  }
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  return [line(heads), line(heads.map(() => "---")), ...rows.map(line)].join("\n");
}

function figure(value: number | null): string {
  return value === null ? "unknown" : String(Number(value.toPrecision(5)));
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
