import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** An accelerator of this machine. */
export interface Device {
  readonly kind: "gpu" | "tpu";
  /** As CUDA_VISIBLE_DEVICES and TPU_VISIBLE_CHIPS name it. */
  readonly index: string;
  /** `NVIDIA A100-SXM4-80GB`. */
  readonly type: string;
}

/** The accelerators that this process may use: NVIDIA's, within CUDA_VISIBLE_DEVICES, and Google's TPU chips. */
export async function findDevices(): Promise<readonly Device[]> {
  const names = await readdir("/dev").catch(absent);
  const chips = names.flatMap((name) => /^accel(\d+)$/.exec(name)?.[1] ?? []);
  const tpu = `TPU ${process.env["TPU_ACCELERATOR_TYPE"] ?? ""}`.trim();
  return [...visible(await nvidia(names)), ...chips.map((index): Device => ({ kind: "tpu", index, type: tpu }))];
}

interface Graphics {
  readonly index: string;
  readonly uuid: string;
  readonly type: string;
}

/** By nvidia-smi; without it, by the device nodes and what the driver says of them. */
async function nvidia(names: readonly string[]): Promise<readonly Graphics[]> {
  const asked = await execute("nvidia-smi", ["--query-gpu=index,uuid,name", "--format=csv,noheader"], { timeout: 30_000 }).catch(
    () => null,
  );
  if (asked !== null)
    return asked.stdout.split("\n").flatMap((line) => {
      const [, index, uuid, type] = /^(\d+), (\S+), (.+)$/.exec(line.trim()) ?? [];
      return index === undefined || uuid === undefined || type === undefined ? [] : { index, uuid, type };
    });
  const indexes = names.flatMap((name) => /^nvidia(\d+)$/.exec(name)?.[1] ?? []);
  const models = await Promise.all(
    (await readdir("/proc/driver/nvidia/gpus").catch(absent)).map(async (bus) => {
      const text = await readFile(join("/proc/driver/nvidia/gpus", bus, "information"), "utf8");
      const field = (name: string): string => new RegExp(`^${name}:\\s*(.*\\S)`, "m").exec(text)?.[1] ?? "";
      return { index: field("Device Minor"), uuid: field("GPU UUID"), type: field("Model") };
    }),
  );
  return indexes.map((index) => models.find((model) => model.index === index) ?? { index, uuid: "", type: "NVIDIA GPU" });
}

function visible(found: readonly Graphics[]): readonly Device[] {
  const limit = process.env["CUDA_VISIBLE_DEVICES"];
  const allowed = limit?.split(",").map((name) => name.trim());
  return found
    .filter(
      ({ index, uuid }) => allowed === undefined || allowed.some((name) => name === index || (name.length > 4 && uuid.startsWith(name))),
    )
    .map(({ index, type }): Device => ({ kind: "gpu", index, type }));
}

function absent(error: NodeJS.ErrnoException): string[] {
  if (error.code === "ENOENT" || error.code === "EACCES") return [];
  throw error;
}

/** Whether a device is of a type: `A100` is a word of `NVIDIA A100-SXM4-80GB`; `GPU` and `TPU` are any of the kind. */
export function isOfType(device: Device, type: string): boolean {
  const words = (text: string): string[] =>
    text
      .toLowerCase()
      .split(/[^a-z0-9]+/)
      .filter((word) => word !== "");
  const known = new Set([...words(device.type), device.kind]);
  return words(type).every((word) => known.has(word));
}

/** What makes a task see these devices and no others. */
export function deviceVariables(devices: readonly Device[]): Readonly<Record<string, string>> {
  if (devices.length === 0) return {};
  const list = devices.map(({ index }) => index).join(",");
  // PCI_BUS_ID is the order in which nvidia-smi counts; CUDA's own is by speed.
  return devices[0]?.kind === "tpu" ? { TPU_VISIBLE_CHIPS: list } : { CUDA_DEVICE_ORDER: "PCI_BUS_ID", CUDA_VISIBLE_DEVICES: list };
}
