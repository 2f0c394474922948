import { instance, type Instance } from "./instance.ts";

const skypilotLambda = { source: "skypilot-org/skypilot-catalog catalogs/v8/lambda@0f407038 vms.csv", date: "2026-11-22" };
const skypilotNebius = { source: "skypilot-org/skypilot-catalog catalogs/v8/nebius@0082b043 vms.csv", date: "2026-11-22" };

/** Prices of clouds that rent accelerators: provider, type, region, accelerator and number, cores, GiB of memory, dollars an hour on demand and spot. */
export const cloudsInstances: readonly Instance[] = Object.freeze([
  instance("lambda", "gpu_1x_a10", "europe-central-1", "A10", [1, 30, 200, 1.29, null], skypilotLambda),
  instance("lambda", "gpu_1x_a100", "europe-central-1", "A100 SXM4 40GB", [1, 30, 200, 1.99, null], skypilotLambda),
  instance("lambda", "gpu_8x_a100_80gb_sxm4", "europe-central-1", "A100 SXM4 80GB", [8, 240, 1800, 22.32, null], skypilotLambda),
  instance("lambda", "gpu_1x_b200_sxm6", "europe-central-1", "B200 SXM", [1, 26, 360, 6.99, null], skypilotLambda),
  instance("lambda", "gpu_2x_b200_sxm6", "europe-central-1", "B200 SXM", [2, 52, 720, 13.78, null], skypilotLambda),
  instance("lambda", "gpu_8x_b200_sxm6", "europe-central-1", "B200 SXM", [8, 208, 2900, 53.52, null], skypilotLambda),
  instance("lambda", "gpu_1x_gh200", "europe-central-1", "GH200", [1, 64, 432, 2.29, null], skypilotLambda),
  instance("lambda", "gpu_1x_h100_pcie", "europe-central-1", "H100 PCIe 80GB", [1, 26, 200, 3.29, null], skypilotLambda),
  instance("lambda", "gpu_1x_h100_sxm5", "europe-central-1", "H100 SXM5 80GB", [1, 26, 225, 4.29, null], skypilotLambda),
  instance("lambda", "gpu_4x_h100_sxm5", "europe-central-1", "H100 SXM5 80GB", [4, 104, 900, 16.36, null], skypilotLambda),
  instance("lambda", "gpu_8x_h100_sxm5", "europe-central-1", "H100 SXM5 80GB", [8, 208, 1800, 31.92, null], skypilotLambda),
  instance("lambda", "gpu_8x_v100", "europe-central-1", "V100 SXM2 16GB", [8, 92, 448, 6.32, null], skypilotLambda),
  instance("lambda", "gpu_1x_a10", "us-east-1", "A10", [1, 30, 200, 1.29, null], skypilotLambda),
  instance("lambda", "gpu_1x_a100", "us-east-1", "A100 SXM4 40GB", [1, 30, 200, 1.99, null], skypilotLambda),
  instance("lambda", "gpu_8x_a100_80gb_sxm4", "us-east-1", "A100 SXM4 80GB", [8, 240, 1800, 22.32, null], skypilotLambda),
  instance("lambda", "gpu_1x_b200_sxm6", "us-east-1", "B200 SXM", [1, 26, 360, 6.99, null], skypilotLambda),
  instance("lambda", "gpu_2x_b200_sxm6", "us-east-1", "B200 SXM", [2, 52, 720, 13.78, null], skypilotLambda),
  instance("lambda", "gpu_8x_b200_sxm6", "us-east-1", "B200 SXM", [8, 208, 2900, 53.52, null], skypilotLambda),
  instance("lambda", "gpu_1x_gh200", "us-east-1", "GH200", [1, 64, 432, 2.29, null], skypilotLambda),
  instance("lambda", "gpu_1x_h100_pcie", "us-east-1", "H100 PCIe 80GB", [1, 26, 200, 3.29, null], skypilotLambda),
  instance("lambda", "gpu_1x_h100_sxm5", "us-east-1", "H100 SXM5 80GB", [1, 26, 225, 4.29, null], skypilotLambda),
  instance("lambda", "gpu_4x_h100_sxm5", "us-east-1", "H100 SXM5 80GB", [4, 104, 900, 16.36, null], skypilotLambda),
  instance("lambda", "gpu_8x_h100_sxm5", "us-east-1", "H100 SXM5 80GB", [8, 208, 1800, 31.92, null], skypilotLambda),
  instance("lambda", "gpu_8x_v100", "us-east-1", "V100 SXM2 16GB", [8, 92, 448, 6.32, null], skypilotLambda),
  instance("nebius", "gpu-h100-sxm_1gpu-16vcpu-200gb", "eu-north1", "H100 SXM5 80GB", [1, 16, 200, 2.95, 1.25], skypilotNebius),
  instance("nebius", "gpu-h100-sxm_8gpu-128vcpu-1600gb", "eu-north1", "H100 SXM5 80GB", [8, 128, 1600, 23.6, 10], skypilotNebius),
  instance("nebius", "gpu-l40s-a_1gpu-8vcpu-32gb", "eu-north1", "L40S", [1, 8, 32, 1.5484, null], skypilotNebius),
  instance("nebius", "gpu-l40s-d_2gpu-64vcpu-384gb", "eu-north1", "L40S", [2, 64, 384, 4.5688, null], skypilotNebius),
  instance("nebius", "gpu-l40s-d_4gpu-128vcpu-768gb", "eu-north1", "L40S", [4, 128, 768, 9.1376, null], skypilotNebius),
  instance("nebius", "gpu-h200-sxm_1gpu-16vcpu-200gb", "eu-west1", "H200 SXM 141GB", [1, 16, 200, 3.5, 1.45], skypilotNebius),
  instance("nebius", "gpu-h200-sxm_8gpu-128vcpu-1600gb", "eu-west1", "H200 SXM 141GB", [8, 128, 1600, 28, 11.6], skypilotNebius),
  instance("nebius", "gpu-b200-sxm_8gpu-160vcpu-1792gb", "us-central1", "B200 SXM", [8, 160, 1792, 44, null], skypilotNebius),
  instance("nebius", "gpu-h200-sxm_1gpu-16vcpu-200gb", "us-central1", "H200 SXM 141GB", [1, 16, 200, 3.5, 1.45], skypilotNebius),
  instance("nebius", "gpu-h200-sxm_8gpu-128vcpu-1600gb", "us-central1", "H200 SXM 141GB", [8, 128, 1600, 28, 11.6], skypilotNebius),
]);
