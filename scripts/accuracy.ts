// Writes docs/accuracy.md: how far the formulas of `millwright plan` are off on published results.
import { writeFileSync } from "node:fs";
import { judgeThroughput, judgeTraining, type Accuracy } from "../src/plan/accuracy.ts";

import { judgeInference, type LeftOut } from "../src/plan/inference/accuracy.ts";

const two = (value: number) => value.toFixed(2);
const line = (name: string, { median, fourOfFive, worst }: Accuracy) => `| ${name} | ${two(median)} | ${two(fourOfFive)} | ${two(worst)} |`;
const training = judgeTraining();
const throughput = judgeThroughput();
const rows = training.ours.rows
  .map(({ model, estimate, published, factor }) => `| ${model} | ${two(published)} | ${two(estimate)} | ${two(factor)} |`)
  .join("\n");

const inference = (["row", "repeats", "model", "accelerator"] as const).map((leftOut) => ({ leftOut, judged: judgeInference(leftOut) }));
const titles: Readonly<Record<LeftOut, string>> = {
  row: "this row is left out",
  repeats: "this row and its repeats are left out",
  model: "its model is left out, with its sizes",
  accelerator: "its accelerator is left out",
};
const percent = (share: number) => `${Math.round(share * 100)} %`;
const inferenceLines = inference
  .map(({ leftOut, judged: { ours, within, width } }) => `${line(titles[leftOut], ours)} ${percent(within)} | ${two(width)} |`)
  .join("\n");
const besideLines = inference
  .flatMap(({ leftOut, judged: { beside } }) => beside.map((group) => ({ ...group, leftOut })))
  .map(({ leftOut, runtime, ours, baseline }) =>
    [
      line(`${runtime}, ${titles[leftOut]}: ours (${ours.rows.length} rows)`, ours),
      line(`${runtime}, ${titles[leftOut]}: the median`, baseline),
    ].join("\n"),
  )
  .join("\n");
const [besideRow, besideRepeats] = (["row", "repeats"] as const).map(
  (leftOut) => inference.find((one) => one.leftOut === leftOut)?.judged.beside[0]?.ours.rows.length,
);
const byRow = inference.find(({ leftOut }) => leftOut === "row")?.judged ?? judgeInference("row");
const farthest = byRow.ours.rows
  .toSorted((a, b) => b.factor - a.factor)
  .slice(0, 10)
  .map(
    ({ model, estimate, published, factor }) => `| ${model} | ${published.toPrecision(3)} | ${estimate.toPrecision(3)} | ${two(factor)} |`,
  )
  .join("\n");

writeFileSync(
  new URL("../docs/accuracy.md", import.meta.url),
  `# How far the plans are off

Computed by \`node scripts/accuracy.ts\` from the published results in src/plan/catalogue, each with its source. A factor of 1.30 is 30 % too high or too low.

## Hours of a training

Hours = 6 x active parameters x tokens / (peak x utilisation). The utilisation of each of ${training.ours.rows.length} published runs is estimated from the runs of all other
makers (a model's family is left out as a whole), and compared with one utilisation for all.

| | median | four of five within | worst |
|---|---|---|---|
${line("millwright plan training", training.ours)}
${line("one utilisation for all", training.constant)}

| run | published | estimated from the others | factor |
|---|---|---|---|
${rows}

## Rates of tuned layouts

With a layout given (\`--tensor\`, \`--pipeline\`, \`--data\`, \`--micro-batch\`), the rate is that of a tuned run while it computes. The formula was fitted on these same
${throughput.ours.rows.length} rows, so this shows its form, not what it foretells.

| | median | four of five within | worst |
|---|---|---|---|
${line("millwright plan training", throughput.ours)}
${line("one utilisation for all", throughput.constant)}

## Rates of inference

${byRow.ours.rows.length} published rates: MLPerf Inference v1.1, v2.0 and v4.1 (offline and single stream), ResNet-50 and BERT in frameworks on V100, T4 and A100, language models in TensorRT-LLM
and on Jetson. Each is foretold from the others; the correction by published results is made anew without what is left out. The few constants of the formulas
themselves were found on all rows, so that unseen results may be a little farther off than this.

| | median | four of five within | worst | within the range | range, high by low |
|---|---|---|---|---|---|
${inferenceLines}

The baseline is the median of the rows of the same model on the same accelerator that are not left out; it has an answer for ${besideRow} of the ${byRow.ours.rows.length} rows, for ${besideRepeats} when repeats of a
row are left out with it, and for none whose model or accelerator is new. On those:

| | median | four of five within | worst |
|---|---|---|---|
${besideLines}

Where results of exactly the same question are known, the median of these is nearer than the formula, so that \`plan inference\` answers with it (\`"basis": "published"\`).
The rows that are farthest off when they are left out (rates of one accelerator):

| row | published | estimated from the others | factor |
|---|---|---|---|
${farthest}

Cost and service levels are not estimated yet.
`,
);
