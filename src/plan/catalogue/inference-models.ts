/** What of a model decides its speed. */
export interface InferenceModel {
  readonly name: string;
  /** What else it is called, as `nameKey` of src/plan/inference/model.ts writes it. */
  readonly also: readonly string[];
  /**
   * `network`: a fixed number of operations a sample. `encoder`: a transformer over a whole sequence. `decoder`: one that generates tokens.
   */
  readonly kind: "network" | "encoder" | "decoder";
  /** Operations of a sample (two for a multiplication and its addition) in billions; 0 for encoders and decoders, whose sequence decides. */
  readonly gigaOperations: number;
  /** Billions; without the embedding of an encoder, with that of a decoder. */
  readonly parameters: number;
  /** Those that a token passes, in a mixture of experts. */
  readonly active: number;
  /** Numbers that a sample's layers write, in millions; 0 where it is not what limits. */
  readonly activations: number;
  /** Transformer layers; of a network its kernels. */
  readonly layers: number;
  readonly hidden: number;
  /** Width of keys (and of values) of one layer that are kept for a token. */
  readonly keyValue: number;
  readonly source: string;
}

const timm =
  "huggingface/pytorch-image-models@5c33776a results/benchmark-infer-amp-nchw-pt240-cu124-rtx4090.csv (infer_gmacs, infer_macts)";
const mlperf = "mlcommons/inference README (MLPerf reference implementations)";
const card = (name: string) => `huggingface.co/${name} config.json`;

const network = (
  name: string,
  also: readonly string[],
  [gigaOperations, parameters, activations, layers]: readonly [number, number, number, number],
  source: string,
): InferenceModel => ({
  name,
  also,
  kind: "network",
  gigaOperations,
  parameters,
  active: parameters,
  activations,
  layers,
  hidden: 0,
  keyValue: 0,
  source,
});

const encoder = (name: string, also: readonly string[], [layers, hidden]: readonly [number, number], source: string): InferenceModel => {
  const parameters = (12 * layers * hidden * hidden) / 1e9;
  const shape = { layers, hidden, keyValue: 0 };
  return { name, also, kind: "encoder", gigaOperations: 0, parameters, active: parameters, activations: 0, ...shape, source };
};

const decoder = (
  name: string,
  also: readonly string[],
  [parameters, layers, hidden, keyValue, active = parameters]: readonly [number, number, number, number, number?],
  source: string,
): InferenceModel => ({
  name,
  also,
  kind: "decoder",
  gigaOperations: 0,
  parameters,
  active,
  activations: 0,
  layers,
  hidden,
  keyValue,
  source,
});

/**
 * Models by their usual names. How many kernels there are, and what networks outside timm's tables count, is about right, not exact: published
 * rates correct it where there are any. Networks: operations, parameters, activations, kernels; decoders: parameters, layers, hidden units, width of keys, active parameters.
 */
export const inferenceModels: readonly InferenceModel[] = Object.freeze([
  network("ResNet-50", ["resnet50v1.5", "resnetv1.5", "rn50", "resnet"], [8.2, 0.0256, 11.1, 160], timm),
  network("ResNet-18", [], [3.64, 0.0117, 2.48, 62], timm),
  network("ResNet-34", [], [7.34, 0.0218, 3.74, 110], timm),
  network("ResNet-101", [], [15.7, 0.0445, 16.2, 312], timm),
  network("ResNet-152", [], [23.1, 0.0602, 22.6, 465], timm),
  network("ResNeXt-101 32x4d", ["resnext101"], [16, 0.0442, 21.2, 312], timm),
  network("SE-ResNeXt-101 32x4d", ["seresnext101", "seresnext10132x4d"], [16, 0.049, 21.3, 510], timm),
  network("EfficientNet-B0", ["efficientnet"], [0.78, 0.0053, 6.75, 240], timm),
  network("EfficientNet-B4", [], [9.0, 0.0193, 49.5, 470], timm),
  network("EfficientNet-WideSE-B0", ["efficientnetwidese"], [0.8, 0.0078, 6.75, 240], timm),
  network("EfficientNet-WideSE-B4", [], [9.2, 0.0285, 49.5, 470], timm),
  network("MobileNetV2", ["mobilenet"], [0.6, 0.0035, 6.68, 150], timm),
  network("MobileNetV3-Large", ["mobilenetv3"], [0.44, 0.0055, 4.4, 180], timm),
  network("DenseNet-121", ["densenet"], [5.74, 0.008, 6.9, 430], timm),
  network("VGG-16", ["vgg"], [30.9, 0.1384, 13.6, 38], timm),
  network("Inception-v3", ["inception"], [11.5, 0.0238, 8.97, 310], timm),
  network("ConvNeXt-Base", ["convnext"], [30.8, 0.0886, 28.8, 350], timm),
  network("ViT-B/16", ["vit", "vitbase", "vitb", "vitbasepatch16224"], [35.1, 0.0866, 23.9, 170], timm),
  network("ViT-L/16", ["vitlarge", "vitl"], [123.2, 0.3043, 63.9, 340], timm),
  network("Swin-B", ["swin", "swinbase"], [30.9, 0.0878, 36.6, 420], timm),
  network("SSD-ResNet-34", ["ssdresnet34", "ssdlarge"], [433, 0.038, 290, 150], mlperf),
  network("SSD-MobileNet", ["ssdmobilenet", "ssdsmall"], [2.47, 0.0069, 12, 120], mlperf),
  network("RetinaNet", ["retinanetresnext50"], [310, 0.038, 160, 330], mlperf),
  network("YOLOv5s", ["yolo", "yolov5"], [16.5, 0.0072, 30, 210], "ultralytics/yolov5 README"),
  network("YOLOv8n", ["yolov8"], [8.7, 0.0032, 20, 230], "docs.ultralytics.com/models/yolov8"),
  network("3D-UNet", ["unet3d", "3dunetbrats"], [3800, 0.019, 1800, 100], `${mlperf}, BraTS 2019 volumes of 224x224x160, v0.7 to v1.1`),
  network("3D-UNet KiTS19", ["3dunetkits19", "3dunetkits"], [90000, 0.019, 40000, 100], `${mlperf}, KiTS 2019 volumes, v2.0 on`),
  network("RNN-T", ["rnnt", "rnntransducer"], [11, 0.0491, 0, 12000], `${mlperf}, LibriSpeech`),
  network(
    "DLRM",
    ["dlrmv1", "dlrmcriteo"],
    [1.28, 0.0024, 0, 60],
    `${mlperf}, Criteo 1 TB: samples of 270 pairs of user and item, 4.7 million operations each in the dense layers; the tables' reads are not counted`,
  ),
  network(
    "DLRM v2",
    ["dlrmdcnv2", "dlrmdcn"],
    [8.6, 0.016, 7.4, 90],
    `${mlperf}, Criteo multi-hot: samples of 270 pairs, 32 million operations each in the dense layers`,
  ),
  network(
    "Stable Diffusion XL",
    ["sdxl", "stablediffusion", "stablediffusionxlbase", "sdxlbase"],
    [244000, 3.5, 0, 30000],
    `${mlperf}: 20 steps with guidance at 1024x1024, 5.98 tera-operations of the U-Net each, and the decoder`,
  ),
  network(
    "Whisper large",
    ["whisper", "whisperlargev3"],
    [4600, 1.55, 0, 4500],
    "arXiv 2212.04356 table 1: 30 seconds of sound, about 100 tokens",
  ),
  encoder("BERT-base", ["bertbaseuncased", "bertb"], [12, 768], "arXiv 1810.04805 section 3"),
  encoder("BERT-large", ["bert", "bertlargeuncased", "bertsquad", "bertl"], [24, 1024], "arXiv 1810.04805 section 3"),
  encoder("DistilBERT", ["distilbertbase"], [6, 768], "arXiv 1910.01108"),
  encoder("RoBERTa-base", ["roberta"], [12, 768], "arXiv 1907.11692"),
  encoder("RoBERTa-large", [], [24, 1024], "arXiv 1907.11692"),
  decoder("GPT-J 6B", ["gptj"], [6.05, 28, 4096, 4096], card("EleutherAI/gpt-j-6b")),
  decoder(
    "GPT-J 6B (MLPerf)",
    ["gptjmlperf", "gptj99"],
    [6.05, 28, 4096, 4096],
    `${mlperf}: summaries of CNN/DailyMail by four beams, in samples`,
  ),
  decoder("GPT-NeoX 20B", ["gptneox"], [20.6, 44, 6144, 6144], card("EleutherAI/gpt-neox-20b")),
  decoder("GPT-2", ["gpt2small"], [0.124, 12, 768, 768], card("openai-community/gpt2")),
  decoder("OPT 175B", ["gpt3", "gpt3175b"], [175, 96, 12288, 12288], "arXiv 2205.01068 table 1"),
  decoder("Llama 2 7B", ["llama7b", "llama1.7b"], [6.74, 32, 4096, 4096], card("meta-llama/Llama-2-7b-hf")),
  decoder("Llama 2 13B", ["llama13b"], [13, 40, 5120, 5120], card("meta-llama/Llama-2-13b-hf")),
  decoder("Llama 2 70B", ["llama70b", "llama2"], [69, 80, 8192, 1024], card("meta-llama/Llama-2-70b-hf")),
  decoder("Llama 3 8B", ["llama3.18b", "llama8b", "metallama38b"], [8.03, 32, 4096, 1024], card("meta-llama/Llama-3.1-8B")),
  decoder("Llama 3 70B", ["llama3.170b", "llama3.370b", "llama3"], [70.6, 80, 8192, 1024], card("meta-llama/Llama-3.1-70B")),
  decoder("Llama 3.1 405B", ["llama405b", "llama3405b", "405b"], [405.9, 126, 16384, 1024], card("meta-llama/Llama-3.1-405B")),
  decoder("Llama 3.2 1B", ["llama31b"], [1.24, 16, 2048, 512], card("meta-llama/Llama-3.2-1B")),
  decoder("Llama 3.2 3B", ["llama33b"], [3.21, 28, 3072, 1024], card("meta-llama/Llama-3.2-3B")),
  decoder("Mistral 7B", ["mistral"], [7.24, 32, 4096, 1024], card("mistralai/Mistral-7B-v0.1")),
  decoder("Mixtral 8x7B", ["mixtral", "8x7b"], [46.7, 32, 4096, 1024, 12.9], card("mistralai/Mixtral-8x7B-v0.1")),
  decoder("Mixtral 8x22B", ["8x22b"], [141, 56, 6144, 1024, 39], card("mistralai/Mixtral-8x22B-v0.1")),
  decoder("Falcon 7B", [], [7.2, 32, 4544, 64], card("tiiuae/falcon-7b")),
  decoder("Falcon 40B", [], [41.8, 60, 8192, 512], card("tiiuae/falcon-40b")),
  decoder("Falcon 180B", ["falcon"], [180, 80, 14848, 512], card("tiiuae/falcon-180B")),
  decoder("Gemma 2 2B", ["gemma2b"], [2.61, 26, 2304, 1024], card("google/gemma-2-2b")),
  decoder("Gemma 7B", [], [8.5, 28, 3072, 4096], card("google/gemma-7b")),
  decoder("Gemma 2 9B", ["gemma9b"], [9.24, 42, 3584, 2048], card("google/gemma-2-9b")),
  decoder("Gemma 2 27B", ["gemma27b"], [27.2, 46, 4608, 2048], card("google/gemma-2-27b")),
  decoder("Phi 2", [], [2.78, 32, 2560, 2560], card("microsoft/phi-2")),
  decoder(
    "Phi 3.5 mini",
    ["phi3.53b", "phi3mini", "phi3.5", "phi3.53.8b"],
    [3.82, 32, 3072, 3072],
    card("microsoft/Phi-3.5-mini-instruct"),
  ),
  decoder("Qwen2.5 0.5B", [], [0.49, 24, 896, 128], card("Qwen/Qwen2.5-0.5B")),
  decoder("Qwen2.5 1.5B", [], [1.54, 28, 1536, 256], card("Qwen/Qwen2.5-1.5B")),
  decoder("Qwen2.5 7B", ["qwen7b", "qwen27b"], [7.62, 28, 3584, 512], card("Qwen/Qwen2.5-7B")),
  decoder("Qwen2.5 72B", ["qwen72b", "qwen272b"], [72.7, 80, 8192, 1024], card("Qwen/Qwen2.5-72B")),
  decoder("SmolLM2 1.7B", ["smollm21.7b", "smollm2"], [1.71, 24, 2048, 2048], card("HuggingFaceTB/SmolLM2-1.7B")),
  decoder("TinyLlama 1.1B", ["tinyllama"], [1.1, 22, 2048, 256], card("TinyLlama/TinyLlama-1.1B")),
  decoder("StarCoder 15B", ["starcoder"], [15.5, 40, 6144, 128], card("bigcode/starcoder")),
  decoder("ChatGLM2 6B", ["chatglm6b", "chatglm3.6b"], [6.24, 28, 4096, 256], card("THUDM/chatglm2-6b")),
  decoder("DeepSeek-V3", ["deepseekr1"], [671, 61, 7168, 288, 37], card("deepseek-ai/DeepSeek-V3")),
]);
