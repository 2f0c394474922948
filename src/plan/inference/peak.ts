import { MillwrightError } from "../../error.ts";
import type { Accelerator } from "../catalogue/accelerators.ts";
import type { Precision } from "../catalogue/inference-results.ts";

/** What the catalogue of accelerators leaves open and inference needs: gigabytes a second; tera-operations of 8 bits. */
const supplements: Readonly<Record<string, { readonly bandwidth?: number; readonly int8?: number; readonly source: string }>> = {
  "Jetson AGX Orin 64GB": { bandwidth: 204.8, source: "developer.nvidia.com/embedded/jetson-modules" },
  "Jetson Orin NX 16GB": {
    bandwidth: 102.4,
    int8: 50,
    source: "developer.nvidia.com/embedded/jetson-modules; dense is half of 100 sparse",
  },
  "Jetson Orin Nano 8GB": { bandwidth: 102, int8: 33, source: "NVIDIA's Super mode of 25 W; dense is half of 67 sparse" },
  "Jetson AGX Xavier": { bandwidth: 136.5, int8: 22, source: "developer.nvidia.com/embedded/jetson-modules, without its DLA" },
  "Jetson Xavier NX": { bandwidth: 59.7, int8: 12.3, source: "developer.nvidia.com/embedded/jetson-modules, without its DLA" },
};

/** A figure of an accelerator and, where the catalogue does not print it, where it is from. */
export interface Known {
  readonly value: number;
  readonly assumed: string | null;
}

/**
 * Operations a second at most, in 10^12. What a vendor does not print follows from what it prints: its tensor units do half as much at
 * twice the width, and what they cannot do in 8 bits runs in 16.
 *
 * @throws MillwrightError `unknown-peak`
 */
export function peakOf(accelerator: Accelerator, precision: Precision): Known {
  const { name, peak } = accelerator;
  const int8 = supplements[name]?.int8 ?? peak.int8;
  const known = (value: number): Known => ({ value, assumed: null });
  const derived = (value: number, from: string): Known => ({
    value,
    assumed: `${name}'s ${precision} rate is ${value} x 10^12 a second, from its ${from} rate`,
  });
  if (precision === "fp4") {
    // Only Blackwell's units compute in 4 bits; elsewhere weights of 4 bits are widened first.
    const eight = architectureOf(accelerator) === "Blackwell" ? peak.fp8 : null;
    return eight === null ? peakOf(accelerator, "int4") : derived(2 * eight, "8-bit");
  }
  // The catalogue's 16-bit rate of a Xavier is not that of its tensor units.
  const cuda = name.includes("Xavier");
  const own = precision === "int4" || (precision === "fp16" && cuda) ? null : precision === "int8" ? int8 : peak[precision];
  if (own !== null) return known(own);
  const fp16 = cuda ? null : peak.fp16;
  const half = fp16 ?? (int8 === null ? null : int8 / 2);
  if (half !== null) {
    if (precision === "fp16" || precision === "int4") return derived(half, fp16 === null ? "8-bit" : "16-bit");
    if (precision === "tf32")
      return peak.fp32 !== null && /^(T4|V100)/.test(name) ? derived(peak.fp32, "fp32") : derived(half / 2, "16-bit");
    if (precision === "fp32") return derived(half / 4, "16-bit");
    // Volta's and Ampere's tensor units know no fp8, Volta's no int8.
    if (name.startsWith("V100") || (precision === "fp8" && /^(A\d|T4|Jetson)/.test(name))) return derived(half, "16-bit");
    return int8 === null ? derived(half * 2, "16-bit") : derived(int8, "8-bit");
  }
  throw new MillwrightError({
    code: "unknown-peak",
    what: `the catalogue knows no ${precision} rate of ${name}, nor one that it follows from`,
    fix: "choose an accelerator with a known rate",
  });
}

/**
 * Gigabytes a second between the chip and its memory.
 *
 * @throws MillwrightError `unknown-peak`
 */
export function bandwidthOf({ name, bandwidth }: Accelerator): Known {
  const supplement = supplements[name];
  if (supplement?.bandwidth !== undefined)
    return { value: supplement.bandwidth, assumed: `${name}'s memory gives ${supplement.bandwidth} GB/s (${supplement.source})` };
  if (bandwidth !== null) return { value: bandwidth, assumed: null };
  throw new MillwrightError({
    code: "unknown-peak",
    what: `the catalogue does not know how fast ${name}'s memory is`,
    fix: "choose an accelerator whose bandwidth is known",
  });
}

/** Accelerators that behave alike: the generation of their chip. */
export function architectureOf({ name, vendor }: Accelerator): string {
  if (vendor !== "NVIDIA") return vendor;
  if (name.startsWith("Jetson")) return "Jetson";
  if (/^(H100|H200|GH200|H800)/.test(name)) return "Hopper";
  if (/^(L4|L40|L40S)\b/.test(name)) return "Ada";
  if (name.startsWith("V100")) return "Volta";
  if (/^B\d/.test(name)) return "Blackwell";
  return name === "T4" ? "Turing" : "Ampere";
}

/** The chip of an accelerator, whose cards differ in memory: an A100 of 40 GB computes as one of 80 GB does. */
export function chipOf(name: string): string {
  return name.replace(/ \d+GB$/, "");
}
