/** How a model was run: by a framework's kernels one after the other, as a compiled engine, or generating text. */
export type Runtime = "framework" | "compiled" | "generation";

/** Arithmetic and weights; mixed precision (AMP) and bfloat16 count as `fp16`. */
export type Precision = "fp32" | "tf32" | "fp16" | "fp8" | "int8" | "fp4" | "int4";

/** A rate of inference that was published. */
export interface InferenceResult {
  readonly model: string;
  /** As in the catalogue of accelerators. */
  readonly accelerator: string;
  readonly runtime: Runtime;
  /** MLPerf's summaries do not print it: there it is what the submitter's engines use, 8 bits, on Blackwell 4. */
  readonly precision: Precision;
  /** Null where as many as keep it busy were sent at once. */
  readonly batch: number | null;
  /** Tokens of a sample; null where it has none, or those of the benchmark's data. */
  readonly sequence: number | null;
  /** Tokens in and out, of generated text; null where those of the benchmark's data, or a single stream. */
  readonly tokens: readonly [input: number, output: number] | null;
  readonly accelerators: number;
  /** Samples (language models: output tokens) a second of one accelerator. */
  readonly throughput: number;
  readonly source: string;
}

type Fields = readonly [
  model: string,
  accelerator: string,
  runtime: Runtime,
  precision: Precision,
  batch: number | null,
  length: number | readonly [input: number, output: number] | null,
  accelerators: number,
  throughput: number,
  system?: string,
];

function published(source: string, rows: readonly Fields[]): readonly InferenceResult[] {
  return rows.map(([model, accelerator, runtime, precision, batch, length, accelerators, throughput, system]) => ({
    model,
    accelerator,
    runtime,
    precision,
    batch,
    sequence: typeof length === "number" ? length : null,
    tokens: typeof length === "number" ? null : length,
    accelerators,
    throughput,
    source: system === undefined ? source : `${source}: ${system}`,
  }));
}

/** Published rates, collected 2026-11-22. Single streams of MLPerf count as batches of one, at the 90th percentile of their latency. */
export const inferenceResults: readonly InferenceResult[] = Object.freeze([
  ...published("mlcommons/inference_results_v1.1@7fc43356 (MLPerf Inference, closed division; run_1 summaries)", [
    ["ResNet-50", "A100 PCIe 80GB", "compiled", "int8", null, null, 1, 36905.1, "NVIDIA A100-PCIe-80GBx1_TRT"],
    ["BERT-large", "A100 PCIe 80GB", "compiled", "int8", null, null, 1, 3236.94, "NVIDIA A100-PCIe-80GBx1_TRT"],
    ["3D-UNet", "A100 PCIe 80GB", "compiled", "int8", null, null, 1, 57.304, "NVIDIA A100-PCIe-80GBx1_TRT"],
    ["RNN-T", "A100 PCIe 80GB", "compiled", "int8", null, null, 1, 13286.2, "NVIDIA A100-PCIe-80GBx1_TRT"],
    ["ResNet-50", "A100 PCIe 40GB", "compiled", "int8", null, null, 1, 32778.8, "NVIDIA A100-PCIex1_TRT"],
    ["BERT-large", "A100 PCIe 40GB", "compiled", "int8", null, null, 1, 2816.53, "NVIDIA A100-PCIex1_TRT"],
    ["3D-UNet", "A100 PCIe 40GB", "compiled", "int8", null, null, 1, 52.024, "NVIDIA A100-PCIex1_TRT"],
    ["RNN-T", "A100 PCIe 40GB", "compiled", "int8", null, null, 1, 11931.3, "NVIDIA A100-PCIex1_TRT"],
    ["ResNet-50", "A10", "compiled", "int8", null, null, 1, 13805.2, "NVIDIA A10x1_TRT"],
    ["BERT-large", "A10", "compiled", "int8", null, null, 1, 1111.46, "NVIDIA A10x1_TRT"],
    ["3D-UNet", "A10", "compiled", "int8", null, null, 1, 21.969, "NVIDIA A10x1_TRT"],
    ["RNN-T", "A10", "compiled", "int8", null, null, 1, 4578.13, "NVIDIA A10x1_TRT"],
    ["ResNet-50", "A30", "compiled", "int8", null, null, 1, 18265.0, "NVIDIA A30x1_TRT"],
    ["BERT-large", "A30", "compiled", "int8", null, null, 1, 1680.02, "NVIDIA A30x1_TRT"],
    ["3D-UNet", "A30", "compiled", "int8", null, null, 1, 30.272, "NVIDIA A30x1_TRT"],
    ["RNN-T", "A30", "compiled", "int8", null, null, 1, 6677.49, "NVIDIA A30x1_TRT"],
    ["ResNet-50", "Jetson AGX Xavier", "compiled", "int8", null, null, 1, 2039.11, "NVIDIA AGX_Xavier_TRT"],
    ["BERT-large", "Jetson AGX Xavier", "compiled", "int8", null, null, 1, 96.726, "NVIDIA AGX_Xavier_TRT"],
    ["3D-UNet", "Jetson AGX Xavier", "compiled", "int8", 1, null, 1, 2.651, "NVIDIA AGX_Xavier_TRT"],
    ["RNN-T", "Jetson AGX Xavier", "compiled", "int8", 1, null, 1, 5.693, "NVIDIA AGX_Xavier_TRT"],
    ["ResNet-50", "Jetson Xavier NX", "compiled", "int8", 1, null, 1, 410.341, "NVIDIA Xavier_NX_TRT"],
    ["BERT-large", "Jetson Xavier NX", "compiled", "int8", 1, null, 1, 21.546, "NVIDIA Xavier_NX_TRT"],
    ["RNN-T", "Jetson Xavier NX", "compiled", "int8", null, null, 1, 259.673, "NVIDIA Xavier_NX_TRT"],
    ["ResNet-50", "A100 SXM4 80GB", "compiled", "int8", null, null, 1, 39830.1, "NVIDIA DGX-A100_A100-SXM-80GBx1_TRT"],
    ["BERT-large", "A100 SXM4 80GB", "compiled", "int8", null, null, 1, 3614.0, "NVIDIA DGX-A100_A100-SXM-80GBx1_TRT"],
    ["3D-UNet", "A100 SXM4 80GB", "compiled", "int8", null, null, 1, 61.67, "NVIDIA DGX-A100_A100-SXM-80GBx1_TRT"],
    ["RNN-T", "A100 SXM4 80GB", "compiled", "int8", null, null, 1, 14256.1, "NVIDIA DGX-A100_A100-SXM-80GBx1_TRT"],
    ["ResNet-50", "A100 SXM4 80GB", "compiled", "int8", null, null, 8, 39189.5, "NVIDIA DGX-A100_A100-SXM-80GBx8_TRT"],
    ["BERT-large", "A100 SXM4 80GB", "compiled", "int8", null, null, 8, 3537.762, "NVIDIA DGX-A100_A100-SXM-80GBx8_TRT"],
    ["3D-UNet", "A100 SXM4 80GB", "compiled", "int8", null, null, 8, 60.821, "NVIDIA DGX-A100_A100-SXM-80GBx8_TRT"],
  ]),
  ...published("mlcommons/inference_results_v2.0@425a0d30 (MLPerf Inference, closed division; run_1 summaries)", [
    ["ResNet-50", "Jetson AGX Orin 64GB", "compiled", "int8", null, null, 1, 6138.84, "NVIDIA Orin_TRT"],
    ["BERT-large", "Jetson AGX Orin 64GB", "compiled", "int8", null, null, 1, 476.344, "NVIDIA Orin_TRT"],
    ["ResNet-50", "A100 SXM4 80GB", "compiled", "int8", null, null, 8, 39106.125, "NVIDIA DGX-A100_A100-SXM-80GBx8_TRT"],
    ["BERT-large", "A100 SXM4 80GB", "compiled", "int8", null, null, 8, 3496.425, "NVIDIA DGX-A100_A100-SXM-80GBx8_TRT"],
  ]),
  ...published("mlcommons/inference_results_v4.1@198fc467 (MLPerf Inference, closed division; run_1 summaries)", [
    ["Llama 2 70B", "B200 SXM", "generation", "fp4", null, null, 1, 11264.4, "NVIDIA B200-SXM-180GBx1_TRT"],
    ["GPT-J 6B (MLPerf)", "H100 SXM5 80GB", "generation", "fp8", null, null, 8, 35.761, "NVIDIA DGX-H100_H100-SXM-80GBx8_TRT"],
    ["Llama 2 70B", "H100 SXM5 80GB", "generation", "fp8", null, null, 8, 3065.613, "NVIDIA DGX-H100_H100-SXM-80GBx8_TRT"],
    ["Stable Diffusion XL", "H100 SXM5 80GB", "compiled", "int8", null, null, 8, 2.044, "NVIDIA DGX-H100_H100-SXM-80GBx8_TRT"],
    ["Mixtral 8x7B", "H100 SXM5 80GB", "generation", "fp8", null, null, 8, 6551.988, "NVIDIA DGX-H100_H100-SXM-80GBx8_TRT"],
    ["ResNet-50", "H200 SXM 141GB", "compiled", "int8", null, null, 8, 94620.0, "NVIDIA H200-SXM-141GBx8_TRT"],
    ["BERT-large", "H200 SXM 141GB", "compiled", "int8", null, null, 8, 9163.688, "NVIDIA H200-SXM-141GBx8_TRT"],
    ["GPT-J 6B (MLPerf)", "H200 SXM 141GB", "generation", "fp8", null, null, 8, 36.388, "NVIDIA H200-SXM-141GBx8_TRT"],
    ["Llama 2 70B", "H200 SXM 141GB", "generation", "fp8", null, null, 8, 3912.838, "NVIDIA H200-SXM-141GBx8_TRT"],
    ["Stable Diffusion XL", "H200 SXM 141GB", "compiled", "int8", null, null, 8, 2.177, "NVIDIA H200-SXM-141GBx8_TRT"],
    ["Mixtral 8x7B", "H200 SXM 141GB", "generation", "fp8", null, null, 8, 7377.788, "NVIDIA H200-SXM-141GBx8_TRT"],
    ["GPT-J 6B (MLPerf)", "H200 SXM 141GB", "generation", "fp8", null, null, 1, 37.384, "NVIDIA H200-SXM-141GBx1_TRT"],
    ["GPT-J 6B (MLPerf)", "Jetson AGX Orin 64GB", "generation", "int8", null, null, 1, 0.934, "NVIDIA Orin_TRT"],
    ["Stable Diffusion XL", "Jetson AGX Orin 64GB", "compiled", "int8", null, null, 1, 0.102, "NVIDIA Orin_TRT"],
    ["ResNet-50", "L40S", "compiled", "int8", null, null, 4, 45153.25, "Dell R760xa_L40Sx4_TRT"],
    ["BERT-large", "L40S", "compiled", "int8", null, null, 4, 3475.95, "Dell R760xa_L40Sx4_TRT"],
    ["ResNet-50", "H100 PCIe 80GB", "compiled", "int8", null, null, 4, 49091.25, "Dell R760xa_H100_PCIe_80GBx4_TRT"],
    ["BERT-large", "H100 PCIe 80GB", "compiled", "int8", null, null, 4, 5809.6, "Dell R760xa_H100_PCIe_80GBx4_TRT"],
    ["ResNet-50", "H100 PCIe 80GB", "compiled", "int8", null, null, 2, 56484.0, "Dell R760_H100_PCIe_80GBx2_TRT"],
    ["BERT-large", "H100 PCIe 80GB", "compiled", "int8", null, null, 2, 5879.3, "Dell R760_H100_PCIe_80GBx2_TRT"],
    ["GPT-J 6B (MLPerf)", "H100 PCIe 80GB", "generation", "fp8", null, null, 2, 24.037, "Dell R760_H100_PCIe_80GBx2_TRT"],
    ["ResNet-50", "H100 SXM5 80GB", "compiled", "int8", null, null, 8, 88731.125, "Dell XE9680_H100_SXM_80GBx8_TRT"],
    ["BERT-large", "H100 SXM5 80GB", "compiled", "int8", null, null, 8, 8824.25, "Dell XE9680_H100_SXM_80GBx8_TRT"],
    ["Llama 2 70B", "H100 SXM5 80GB", "generation", "fp8", null, null, 8, 3010.838, "Dell XE9680_H100_SXM_80GBx8_TRT"],
    ["ResNet-50", "L4", "compiled", "int8", null, null, 2, 12800.0, "Lenovo Lenovo_2xL4_TRT"],
    ["BERT-large", "L4", "compiled", "int8", null, null, 2, 964.035, "Lenovo Lenovo_2xL4_TRT"],
    ["ResNet-50", "L40S", "compiled", "int8", null, null, 2, 43152.3, "Lenovo Lenovo_2xL40S_TRT"],
    ["BERT-large", "L40S", "compiled", "int8", null, null, 2, 3251.33, "Lenovo Lenovo_2xL40S_TRT"],
    ["GPT-J 6B (MLPerf)", "L40S", "generation", "fp8", null, null, 2, 12.452, "Lenovo Lenovo_2xL40S_TRT"],
    ["ResNet-50", "GH200", "compiled", "int8", null, null, 1, 95104.5, "Oracle GH200-GraceHopper-Superchip_GH200-96GB_aarch64x1_TRT"],
    ["BERT-large", "GH200", "compiled", "int8", null, null, 1, 9864.25, "Oracle GH200-GraceHopper-Superchip_GH200-96GB_aarch64x1_TRT"],
    [
      "GPT-J 6B (MLPerf)",
      "GH200",
      "generation",
      "fp8",
      null,
      null,
      1,
      39.06,
      "Oracle GH200-GraceHopper-Superchip_GH200-96GB_aarch64x1_TRT",
    ],
    ["Llama 2 70B", "MI300X", "generation", "fp8", null, null, 1, 3062.72, "AMD 1xMI300X_2xEPYC-9374F"],
    ["Llama 2 70B", "MI300X", "generation", "fp8", null, null, 8, 2939.35, "AMD 8xMI300X_2xEPYC-9374F"],
  ]),
  ...published("NVIDIA/DeepLearningExamples@729963dd PyTorch/Classification/ConvNets/resnet50v1.5/README.md", [
    ["ResNet-50", "V100 SXM2 16GB", "framework", "fp32", 1, null, 1, 96.0],
    ["ResNet-50", "V100 SXM2 16GB", "framework", "fp32", 32, null, 1, 1127.0],
    ["ResNet-50", "V100 SXM2 16GB", "framework", "fp32", 256, null, 1, 1261.0],
    ["ResNet-50", "V100 SXM2 16GB", "framework", "fp16", 8, null, 1, 595.0],
    ["ResNet-50", "V100 SXM2 16GB", "framework", "fp16", 128, null, 1, 3249.0],
    ["ResNet-50", "T4", "framework", "fp32", 1, null, 1, 98.0],
    ["ResNet-50", "T4", "framework", "fp32", 32, null, 1, 420.0],
    ["ResNet-50", "T4", "framework", "fp32", 256, null, 1, 415.0],
    ["ResNet-50", "T4", "framework", "fp16", 8, null, 1, 652.0],
    ["ResNet-50", "T4", "framework", "fp16", 128, null, 1, 1190.0],
  ]),
  ...published("NVIDIA/DeepLearningExamples@729963dd TensorFlow/LanguageModeling/BERT/README.md", [
    ["BERT-base", "V100 SXM2 16GB", "framework", "fp16", 1, 128, 1, 206.82],
    ["BERT-base", "V100 SXM2 16GB", "framework", "fp16", 1, 384, 1, 167.01],
    ["BERT-base", "V100 SXM2 16GB", "framework", "fp32", 1, 128, 1, 174.48],
    ["BERT-base", "V100 SXM2 16GB", "framework", "fp32", 1, 384, 1, 99.52],
    ["BERT-large", "V100 SXM2 16GB", "framework", "fp16", 1, 128, 1, 98.63],
    ["BERT-large", "V100 SXM2 16GB", "framework", "fp16", 1, 384, 1, 70.74],
    ["BERT-large", "V100 SXM2 16GB", "framework", "fp32", 1, 128, 1, 76.75],
    ["BERT-large", "V100 SXM2 16GB", "framework", "fp32", 1, 384, 1, 33.95],
    ["BERT-base", "A100 SXM4 40GB", "framework", "fp16", 1, 128, 1, 231.37],
    ["BERT-base", "A100 SXM4 40GB", "framework", "fp16", 1, 384, 1, 210.59],
    ["BERT-base", "A100 SXM4 40GB", "framework", "tf32", 1, 128, 1, 223.38],
    ["BERT-base", "A100 SXM4 40GB", "framework", "tf32", 1, 384, 1, 206.46],
    ["BERT-base", "A100 SXM4 40GB", "framework", "fp32", 1, 128, 1, 152.92],
    ["BERT-base", "A100 SXM4 40GB", "framework", "fp32", 1, 384, 1, 115.19],
    ["BERT-large", "A100 SXM4 40GB", "framework", "fp16", 1, 128, 1, 127.75],
    ["BERT-large", "A100 SXM4 40GB", "framework", "fp16", 1, 384, 1, 96.65],
    ["BERT-large", "A100 SXM4 40GB", "framework", "tf32", 1, 128, 1, 133.24],
    ["BERT-large", "A100 SXM4 40GB", "framework", "tf32", 1, 384, 1, 95.43],
    ["BERT-large", "A100 SXM4 40GB", "framework", "fp32", 1, 128, 1, 50.43],
    ["BERT-large", "A100 SXM4 40GB", "framework", "fp32", 1, 384, 1, 44.42],
    ["BERT-base", "T4", "framework", "fp16", 1, 128, 1, 91.93],
    ["BERT-base", "T4", "framework", "fp16", 1, 384, 1, 60.75],
    ["BERT-base", "T4", "framework", "fp32", 1, 128, 1, 54.28],
    ["BERT-base", "T4", "framework", "fp32", 1, 384, 1, 25.83],
    ["BERT-large", "T4", "framework", "fp16", 1, 128, 1, 40.31],
    ["BERT-large", "T4", "framework", "fp16", 1, 384, 1, 23.05],
    ["BERT-large", "T4", "framework", "fp32", 1, 128, 1, 21.52],
    ["BERT-large", "T4", "framework", "fp32", 1, 384, 1, 8.46],
  ]),
  ...published("NVIDIA/DeepLearningExamples@729963dd PyTorch/LanguageModeling/BERT/README.md", [
    ["BERT-large", "A100 SXM4 80GB", "framework", "tf32", 32, 384, 1, 216.0],
  ]),
  ...published("NVIDIA/TensorRT-LLM release/0.5.0 docs/source/performance.md", [
    ["GPT-J 6B", "H100 SXM5 80GB", "generation", "fp8", 64, [128, 128], 1, 10907.0],
    ["GPT-J 6B", "H100 SXM5 80GB", "generation", "fp8", 64, [2048, 128], 1, 2229.0],
    ["Llama 2 7B", "H100 SXM5 80GB", "generation", "fp8", 64, [128, 128], 1, 9193.0],
    ["Llama 2 7B", "H100 SXM5 80GB", "generation", "fp8", 64, [2048, 128], 1, 2058.0],
    ["Llama 2 70B", "H100 SXM5 80GB", "generation", "fp8", 64, [128, 128], 4, 829.25],
    ["Llama 2 70B", "H100 SXM5 80GB", "generation", "fp8", 64, [2048, 128], 4, 210.75],
    ["Falcon 180B", "H100 SXM5 80GB", "generation", "fp8", 96, [128, 128], 8, 335.75],
  ]),
  ...published("nvidia.github.io/TensorRT-LLM/performance/perf-overview.html (stored copy, version 0.14.0)", [
    ["Llama 3 70B", "H100 SXM5 80GB", "generation", "fp8", null, [1000, 1000], 4, 1731.271],
    ["Llama 3 70B", "A100 SXM4 80GB", "generation", "fp16", null, [1000, 1000], 4, 441.478],
    ["Llama 3 70B", "L40S", "generation", "fp8", null, [1000, 1000], 4, 289.839],
    ["Llama 3 70B", "H100 SXM5 80GB", "generation", "fp8", null, [1000, 1000], 8, 1341.635],
    ["Llama 3 70B", "A100 SXM4 80GB", "generation", "fp16", null, [1000, 1000], 8, 381.861],
  ]),
  ...published(
    "raw.githubusercontent.com/msmcs-robotics/WayfindR-driver docs/jetson_orin_nano_llm_benchmarks.md (quotes NVIDIA developer blog)",
    [
      ["Llama 3.1 8B", "Jetson Orin Nano 8GB", "generation", "int4", 1, null, 1, 19.14],
      ["Llama 3.2 3B", "Jetson Orin Nano 8GB", "generation", "int4", 1, null, 1, 43.07],
      ["Qwen2.5 7B", "Jetson Orin Nano 8GB", "generation", "int4", 1, null, 1, 21.75],
      ["Gemma 2 2B", "Jetson Orin Nano 8GB", "generation", "int4", 1, null, 1, 34.97],
      ["Phi 3.5 mini", "Jetson Orin Nano 8GB", "generation", "int4", 1, null, 1, 38.1],
    ],
  ),
]);
