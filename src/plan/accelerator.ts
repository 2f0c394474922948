import { nearestNames } from "../define/nearest.ts";
import { MillwrightError } from "../error.ts";
import { accelerators, type Accelerator } from "./catalogue/accelerators.ts";
import type { Generation } from "./utilisation.ts";

/** What people mean who say only the family's name. */
const usual: Readonly<Record<string, string>> = {
  a100: "A100 SXM4 80GB",
  h100: "H100 SXM5 80GB",
  h200: "H200 SXM 141GB",
  "a100 40gb": "A100 SXM4 40GB",
  "a100 80gb": "A100 SXM4 80GB",
  "a100 sxm": "A100 SXM4 80GB",
  "a100 sxm 40gb": "A100 SXM4 40GB",
  "a100 sxm 80gb": "A100 SXM4 80GB",
  "a100 pcie": "A100 PCIe 80GB",
  "h100 80gb": "H100 SXM5 80GB",
  "h100 sxm": "H100 SXM5 80GB",
  "h100 sxm 80gb": "H100 SXM5 80GB",
  "h100 pcie": "H100 PCIe 80GB",
  "v100 16gb": "V100 SXM2 16GB",
  "v100 32gb": "V100 SXM2 32GB",
  b200: "B200 SXM",
  v100: "V100 SXM2 32GB",
  orin: "Jetson AGX Orin 64GB",
  "jetson orin": "Jetson AGX Orin 64GB",
  jetson: "Jetson AGX Orin 64GB",
  "orin nano": "Jetson Orin Nano 8GB",
  "orin nx": "Jetson Orin NX 16GB",
  xavier: "Jetson AGX Xavier",
  "agx xavier": "Jetson AGX Xavier",
  "xavier nx": "Jetson Xavier NX",
  "agx orin": "Jetson AGX Orin 64GB",
  "jetson agx orin": "Jetson AGX Orin 64GB",
  "jetson orin nano": "Jetson Orin Nano 8GB",
  "jetson orin nx": "Jetson Orin NX 16GB",
  "tpu v6e": "TPU v6e (Trillium)",
  trillium: "TPU v6e (Trillium)",
};

/**
 * The accelerator of that name: as in the catalogue, or a usual short one (`A100`, `H100`); case and spaces do not matter.
 *
 * @throws MillwrightError `unknown-accelerator` with names that are near
 */
export function acceleratorOf(name: string): Accelerator {
  const key = (text: string) =>
    text
      .toLowerCase()
      .replaceAll(/[\s_-]+/g, " ")
      .replace(/^nvidia /, "")
      .trim();
  const wanted = key(usual[key(name)] ?? name);
  const found = accelerators.find((accelerator) => key(accelerator.name) === wanted);
  if (found !== undefined) return found;
  const near = nearestNames(
    name,
    accelerators.map((accelerator) => accelerator.name),
  );
  throw new MillwrightError({
    code: "unknown-accelerator",
    what: `there is no accelerator '${name}' in the catalogue`,
    fix: `use one of: ${(near.length > 0 ? near : accelerators.map((accelerator) => accelerator.name)).join(", ")}`,
  });
}

/** The generation whose published trainings speak for an accelerator. */
export function generationOf({ name }: Accelerator): Generation {
  if (/^(H100|H200|GH200|H800)/.test(name)) return "H100";
  if (name.startsWith("A100")) return "A100";
  return name.startsWith("V100") ? "V100" : null;
}
