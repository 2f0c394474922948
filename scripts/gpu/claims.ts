import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What a machine has that a claim can need. */
export interface GpuMachine {
  /** As `nvidia-smi -L` lists them. */
  readonly gpus: readonly string[];
  /** Whether a program is there, by name or path. */
  has(program: string): boolean;
  /** Whether the machine's own `python3` can import a module. */
  imports(module: string): boolean;
}

/** Something that is said of GPUs, and the one command that shows it. */
export interface Claim {
  readonly name: string;
  readonly claim: string;
  readonly command: readonly [string, ...string[]];
  /** Why it cannot be shown on this machine; null when it can. */
  missing(machine: GpuMachine): string | null;
}

const noGpu = (machine: GpuMachine, wanted = 1): string | null =>
  machine.gpus.length === 0 ? "no GPU" : machine.gpus.length < wanted ? `${wanted} GPUs needed, ${machine.gpus.length} here` : null;

/** The library that ONNX Runtime's npm package has only where its installer was let fetch it. */
const cudaProvider = fileURLToPath(
  new URL("../../node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so", import.meta.url),
);

export const claims: readonly Claim[] = [
  {
    name: "cuda-training",
    claim: "The PyTorch example trains on the GPU where there is one, and its model passes its gate",
    command: ["node", "scripts/gpu/training.ts"],
    missing: (machine) => noGpu(machine),
  },
  {
    name: "multi-gpu",
    claim: "Gradients that two GPUs reduce by NCCL train the same model as one GPU, within rounding",
    command: ["python3", "scripts/gpu/two_gpus.py"],
    missing: (machine) => noGpu(machine, 2) ?? (machine.imports("torch") ? null : "python3 has no torch"),
  },
  {
    name: "tensorrt",
    claim: "A package's TensorRT engine is built by its own build.sh and gives ONNX Runtime's probabilities",
    command: ["node", "scripts/gpu/tensorrt.ts"],
    missing: (machine) => noGpu(machine) ?? (machine.has(process.env["TRTEXEC"] ?? "trtexec") ? null : "no trtexec (set TRTEXEC)"),
  },
  {
    name: "cuda-provider",
    claim: "A served ONNX file gives the same probabilities by ONNX Runtime's CUDA provider as on the processor",
    command: ["node", "scripts/gpu/cuda-provider.ts"],
    missing: (machine) =>
      noGpu(machine) ??
      (existsSync(cudaProvider)
        ? null
        : "onnxruntime-node has no CUDA libraries (npm rebuild onnxruntime-node --onnxruntime-node-install=cuda12)"),
  },
  {
    name: "dcgm",
    claim: "dcgm-exporter gives the GPU figures by the names that dashboards and rules ask for",
    command: ["node", "scripts/gpu/dcgm.ts"],
    missing: (machine) => noGpu(machine) ?? (machine.has("dcgm-exporter") ? null : "no dcgm-exporter"),
  },
];

/** This machine, asked with as little as it takes. */
export function thisGpuMachine(): GpuMachine {
  const { status, stdout } = spawnSync("nvidia-smi", ["-L"], { encoding: "utf8" });
  const gpus = status === 0 ? stdout.split("\n").filter((line) => line.startsWith("GPU ")) : [];
  return {
    gpus: gpus.map((line) => line.replace(/ \(UUID: .*\)$/, "")),
    has: (program) => spawnSync("sh", ["-c", 'command -v -- "$0"', program]).status === 0,
    imports: (module) => spawnSync("python3", ["-c", `import ${module}`]).status === 0,
  };
}
