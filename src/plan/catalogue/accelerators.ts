/** What an accelerator can do at most, as its vendor says; dense figures, null where no source was found. */
export interface Accelerator {
  readonly name: string;
  readonly vendor: string;
  /** Gigabytes as the vendor counts them. */
  readonly memory: number | null;
  /** Gigabytes a second between the chip and its memory. */
  readonly bandwidth: number | null;
  /** Teraflops by precision; `fp16` stands for bfloat16 too, `int8` are tera-operations. */
  readonly peak: {
    readonly fp32: number | null;
    readonly tf32: number | null;
    readonly fp16: number | null;
    readonly fp8: number | null;
    readonly int8: number | null;
  };
  /** Watts at most. */
  readonly power: number | null;
  /** Gigabytes a second to the neighbours, both directions together. */
  readonly interconnect: number | null;
  /** Where the figures stand. */
  readonly source: string;
}

/** When the rows were collected. */
export const collected = "2026-11-22";

type Figures = readonly (number | null)[];

function row(name: string, vendor: string, figures: Figures, source: string): Accelerator {
  const [
    memory = null,
    bandwidth = null,
    fp32 = null,
    tf32 = null,
    fp16 = null,
    fp8 = null,
    int8 = null,
    power = null,
    interconnect = null,
  ] = figures;
  return { name, vendor, memory, bandwidth, peak: { fp32, tf32, fp16, fp8, int8 }, power, interconnect, source };
}

/** Accelerators, by vendor and age. The figures: memory, bandwidth, fp32, tf32, fp16, fp8, int8, power, interconnect. */
export const accelerators: readonly Accelerator[] = Object.freeze([
  row(
    "T4",
    "NVIDIA",
    [16, 320, 8.1, null, 65, null, 130, 70, null],
    "Epoch AI chip dataset (epoch-research/training-cost-trends@263c40a1) (memory, bandwidth, power); INT8/FP16: geektopia.es 2018-09-13 and tomshardware.co.uk news-59152",
  ),
  row(
    "L4",
    "NVIDIA",
    [24, 300, 30.3, 60, 121, 242.5, 242, 72, null],
    "Epoch AI chip dataset (epoch-research/training-cost-trends@263c40a1); FP8 with sparsity 485: grokipedia.com/page/NVIDIA_L4_vs_L40S",
  ),
  row(
    "A10",
    "NVIDIA",
    [24, 600, 31.2, null, null, null, 250, 150, null],
    "Epoch AI chip dataset (epoch-research/training-cost-trends@263c40a1)",
  ),
  row(
    "A10G",
    "NVIDIA",
    [24, 600, 31.5, null, 70, null, 140, 150, null],
    "Epoch AI chip dataset (epoch-research/training-cost-trends@263c40a1); FP16/INT8: cli99/llm-analysis@d841e40a gpu_configs/a10g-pcie-24gb.json",
  ),
  row(
    "A30",
    "NVIDIA",
    [24, 933, 10.3, 82, 165, null, 330, 165, 200],
    "NVIDIA A30 datasheet: nvidia.com/en-us/data-center/products/a30-gpu (dense figures)",
  ),
  row(
    "L40S",
    "NVIDIA",
    [48, 864, 91.6, 183, 362, 733, 733, 350, null],
    "mullet.se product 355414 (copy of the NVIDIA L40/L40S datasheet); INT8: hmc-tech.com/gpu/nvidia-l40s-vs-nvidia-a16",
  ),
  row(
    "V100 SXM2 16GB",
    "NVIDIA",
    [16, 897, 15.67, null, 125, null, null, 300, 300],
    "Epoch AI chip dataset (epoch-research/training-cost-trends@263c40a1)",
  ),
  row(
    "V100 SXM2 32GB",
    "NVIDIA",
    [32, 898, 15.67, null, 125, null, null, 300, 300],
    "Epoch AI chip dataset (epoch-research/training-cost-trends@263c40a1)",
  ),
  row(
    "A100 SXM4 40GB",
    "NVIDIA",
    [40, 1555, 19.5, 156, 312, null, 624, 400, 600],
    "Epoch AI chip dataset (epoch-research/training-cost-trends@263c40a1); MIG: docs.nvidia.com/datacenter/tesla/mig-user-guide/supported-gpus.html; bandwidth: sysrqmts.com a100-sxm4-40-gb",
  ),
  row(
    "A100 SXM4 80GB",
    "NVIDIA",
    [80, 2039, 19.5, 156, 312, null, 624, 400, 600],
    "Epoch AI chip dataset (epoch-research/training-cost-trends@263c40a1); MIG: docs.nvidia.com/datacenter/tesla/mig-user-guide/supported-gpus.html",
  ),
  row(
    "A100 PCIe 40GB",
    "NVIDIA",
    [40, 1555, 19.5, 156, 312, null, 624, 250, 600],
    "Figures of the A100 SXM4 40GB; power and bandwidth: thundercompute.com/blog/nvidia-a100-specs-full-guide",
  ),
  row(
    "A100 PCIe 80GB",
    "NVIDIA",
    [80, 1940, 19.5, 156, 312, null, 624, 300, 600],
    "Epoch AI chip dataset (epoch-research/training-cost-trends@263c40a1); MIG: docs.nvidia.com/datacenter/tesla/mig-user-guide/supported-gpus.html",
  ),
  row(
    "H100 PCIe 80GB",
    "NVIDIA",
    [80, 2040, 51.2, 378, 756, null, null, 350, 600],
    "Epoch AI chip dataset (epoch-research/training-cost-trends@263c40a1); MIG: docs.nvidia.com/datacenter/tesla/mig-user-guide/supported-gpus.html",
  ),
  row(
    "H100 SXM5 80GB",
    "NVIDIA",
    [80, 3350, 66.9, 494.7, 989.4, 1979, 1979, 700, 900],
    "Epoch AI chip dataset (epoch-research/training-cost-trends@263c40a1); MIG: docs.nvidia.com/datacenter/tesla/mig-user-guide/supported-gpus.html; FP8/NVLink: llmbook.apartsin.com/appendices/appendix-g-hardware-compute/section-g.1.html",
  ),
  row(
    "H100 NVL 94GB",
    "NVIDIA",
    [94, 3938, null, null, 835.5, null, null, 400, null],
    "Epoch AI chip dataset (epoch-research/training-cost-trends@263c40a1); MIG: docs.nvidia.com/datacenter/tesla/mig-user-guide/supported-gpus.html",
  ),
  row(
    "H200 SXM 141GB",
    "NVIDIA",
    [141, 4800, 66.9, 494.5, 989.5, 1979, 1979, 700, 900],
    "Epoch AI chip dataset (epoch-research/training-cost-trends@263c40a1); MIG: docs.nvidia.com/datacenter/tesla/mig-user-guide/supported-gpus.html; FP8/NVLink: llmbook.apartsin.com/appendices/appendix-g-hardware-compute/section-g.1.html",
  ),
  row(
    "B200 SXM",
    "NVIDIA",
    [180, 8000, 62.1, 1125, 2250, 4500, 4500, 1000, 1800],
    "Epoch AI chip dataset (epoch-research/training-cost-trends@263c40a1); MIG: docs.nvidia.com/datacenter/tesla/mig-user-guide/supported-gpus.html; FP8/NVLink: llmbook.apartsin.com/appendices/appendix-g-hardware-compute/section-g.1.html",
  ),
  row(
    "GH200",
    "NVIDIA",
    [96, 4900, 66.9, 494.5, 989.5, null, 1979, 700, null],
    "Epoch AI chip dataset (epoch-research/training-cost-trends@263c40a1); MIG: docs.nvidia.com/datacenter/tesla/mig-user-guide/supported-gpus.html",
  ),
  row(
    "Jetson Orin Nano 8GB",
    "NVIDIA",
    [8, 68, null, null, null, null, 20, 15, null],
    "brojogopalsapui.com jetson_orin_nano (quotes NVIDIA Super datasheet); scribd 673174036 Orin Nano datasheet",
  ),
  row(
    "Jetson Orin NX 16GB",
    "NVIDIA",
    [16, null, null, null, null, null, null, 25, null],
    "JETSON-ORIN-NX-DATASHEET.pdf (copy in icub-tech-iit/cad-libraries)",
  ),
  row(
    "Jetson AGX Orin 64GB",
    "NVIDIA",
    [64, null, 5.3, null, null, null, 85, 60, null],
    "mzph.cn/web/30785 (NVIDIA technical brief digest); blog.us.fixstars.com p=1855",
  ),
  row(
    "Jetson AGX Xavier",
    "NVIDIA",
    [null, null, 1.41, null, 2.82, null, null, 30, null],
    "Epoch AI chip dataset (epoch-research/training-cost-trends@263c40a1)",
  ),
  row(
    "Jetson Xavier NX",
    "NVIDIA",
    [null, null, 1.058, null, 2.115, null, null, 15, null],
    "Epoch AI chip dataset (epoch-research/training-cost-trends@263c40a1)",
  ),
  row(
    "TPU v4",
    "Google",
    [32, 1200, null, null, 275, null, 275, 170, null],
    "Epoch AI chip dataset (epoch-research/training-cost-trends@263c40a1)",
  ),
  row(
    "TPU v5e",
    "Google",
    [16, 819, null, null, 197, null, 393, null, null],
    "cloud.google.com/tpu/docs/v6e (v5e column; another stored copy prints 800 GB/s)",
  ),
  row("TPU v5p", "Google", [95, 2760, null, null, 459, null, 918, null, null], "aiwiki.ai/wiki/google_tpu_v5p (cites Google)"),
  row("TPU v6e (Trillium)", "Google", [32, 1640, null, null, 918, null, 1836, null, null], "cloud.google.com/tpu/docs/v6e"),
  row("Inferentia2", "AWS", [32, 820, 47.5, 190, 190, 190, 380, null, null], "awsdocs-neuron.readthedocs-hosted.com inferentia2.rst"),
  row("Trainium1", "AWS", [32, 820, 47.5, 190, 190, 190, 420, null, null], "awsdocs-neuron.readthedocs-hosted.com v2.9.1 trainium.rst"),
  row(
    "MI250X",
    "AMD",
    [128, 3280, 47.9, null, 383, null, 383, 500, null],
    "Epoch AI chip dataset (epoch-research/training-cost-trends@263c40a1)",
  ),
  row(
    "MI300X",
    "AMD",
    [192, 5300, 163.4, 653.7, 1307.4, 2615, 2614.9, 750, null],
    "Epoch AI chip dataset (epoch-research/training-cost-trends@263c40a1); FP8/NVLink: llmbook.apartsin.com/appendices/appendix-g-hardware-compute/section-g.1.html",
  ),
]);
