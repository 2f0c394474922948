// Writes docs/accuracy.md: how far the formulas of `millwright plan` are off on published results.
import { writeFileSync } from "node:fs";
import { judgeThroughput, judgeTraining, type Accuracy } from "../src/plan/accuracy.ts";

const two = (value: number) => value.toFixed(2);
const line = (name: string, { median, fourOfFive, worst }: Accuracy) => `| ${name} | ${two(median)} | ${two(fourOfFive)} | ${two(worst)} |`;
const training = judgeTraining();
const throughput = judgeThroughput();
const rows = training.ours.rows
  .map(({ model, estimate, published, factor }) => `| ${model} | ${two(published)} | ${two(estimate)} | ${two(factor)} |`)
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

Inference, cost and service levels are not estimated yet.
`,
);
