/** A rate that a tuned layout reached in training, as its makers published it. */
export interface TrainingThroughput {
  readonly model: string;
  readonly generation: "A100" | "H100";
  readonly parameters: number;
  readonly accelerators: number;
  /** Share of the dense 16-bit peak. */
  readonly utilisation: number;
  readonly source: string;
}

const megatron = "Narayanan et al. 2021, arXiv 2104.04473, table 1 (hardware operations, with recomputation)";

/** Published rates of tuned layouts, collected 2026-11-22. */
export const trainingThroughput: readonly TrainingThroughput[] = Object.freeze([
  { model: "GPT 1.7B", generation: "A100", parameters: 1.7e9, accelerators: 32, utilisation: 137 / 312, source: megatron },
  { model: "GPT 7.5B", generation: "A100", parameters: 7.5e9, accelerators: 128, utilisation: 142 / 312, source: megatron },
  { model: "GPT 39.1B", generation: "A100", parameters: 39.1e9, accelerators: 512, utilisation: 138 / 312, source: megatron },
  { model: "GPT 145.6B", generation: "A100", parameters: 145.6e9, accelerators: 1536, utilisation: 148 / 312, source: megatron },
  { model: "GPT 529.6B", generation: "A100", parameters: 529.6e9, accelerators: 2520, utilisation: 163 / 312, source: megatron },
  {
    model: "GPT-3 175B",
    generation: "H100",
    parameters: 175e9,
    accelerators: 96,
    utilisation: 0.47,
    source: "NVIDIA/Megatron-LM@d98e8a64 README, strong scaling",
  },
]);
