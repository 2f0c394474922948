import { select, type Subject } from "../monitoring/rule.ts";
import { dashboardFile } from "./dashboard.ts";
import { lines, newest, rowsOf } from "./panel.ts";

/** How the GPUs are used and whether they are well, by the names of NVIDIA's DCGM exporter. */
export function gpuDashboard({ subject }: { readonly subject: Subject }): string {
  const of = (name: string): string => select(subject, name);
  const byCard = "by (Hostname, gpu)";
  const legend = "{{Hostname}} {{gpu}}";
  const [used, free] = [of("DCGM_FI_DEV_FB_USED"), of("DCGM_FI_DEV_FB_FREE")];
  return dashboardFile({
    subject,
    name: "gpu",
    title: "GPUs",
    description: "Use, memory, temperature, power and errors of GPUs, from dcgm-exporter's default counters.",
    byEndpoint: false,
    rows: [
      {
        title: "Now",
        height: 5,
        panels: [
          newest({
            title: "GPUs",
            description: "That are measured.",
            unit: "none",
            queries: [[`count(count by (UUID) (${of("DCGM_FI_DEV_GPU_TEMP")}))`, "GPUs"]],
          }),
          newest({
            title: "Use",
            description: "Of all, on average.",
            unit: "percent",
            queries: [[`avg(${of("DCGM_FI_DEV_GPU_UTIL")})`, "use"]],
            min: 0,
            max: 100,
          }),
          newest({
            title: "Power",
            description: "Of all together.",
            unit: "watt",
            queries: [[`sum(${of("DCGM_FI_DEV_POWER_USAGE")})`, "power"]],
            min: 0,
          }),
          newest({
            title: "Memory",
            description: "Of all together.",
            unit: "percentunit",
            queries: [[`sum(${used}) / (sum(${used}) + sum(${free}))`, "used"]],
            min: 0,
            max: 1,
          }),
        ],
      },
      {
        title: "Use",
        height: 9,
        panels: [
          lines({
            title: "Computing",
            description: "Part of the time in which at least one kernel ran.",
            unit: "percent",
            queries: [[`max ${byCard} (${of("DCGM_FI_DEV_GPU_UTIL")})`, legend]],
            min: 0,
            max: 100,
          }),
          lines({
            title: "Memory",
            description: "Of the framebuffer.",
            unit: "percentunit",
            queries: [[`max ${byCard} (${used} / (${used} + ${free}))`, legend]],
            limit: { value: 0.95, bad: "above" },
            min: 0,
            max: 1,
          }),
          lines({
            title: "Memory's bus",
            description: "Part of the time in which memory was read or written.",
            unit: "percent",
            queries: [[`max ${byCard} (${of("DCGM_FI_DEV_MEM_COPY_UTIL")})`, legend]],
            min: 0,
            max: 100,
          }),
        ],
      },
      {
        title: "Health",
        height: 9,
        panels: [
          lines({
            title: "Temperature",
            description: "Of the chip.",
            unit: "celsius",
            queries: [[`max ${byCard} (${of("DCGM_FI_DEV_GPU_TEMP")})`, legend]],
            limit: { value: 85, bad: "above" },
          }),
          lines({
            title: "Power",
            description: "Of each.",
            unit: "watt",
            queries: [[`max ${byCard} (${of("DCGM_FI_DEV_POWER_USAGE")})`, legend]],
            min: 0,
          }),
          rowsOf({
            title: "Last Xid error",
            description: "Shown until the exporter is restarted; 0 is none. NVIDIA's catalogue of Xid errors says what each means.",
            unit: "none",
            queries: [[`max by (Hostname, gpu, modelName) (${of("DCGM_FI_DEV_XID_ERRORS")})`, ""]],
            columns: { Hostname: "node", gpu: "GPU", modelName: "model" },
            value: "Xid",
          }),
          lines({
            title: "Remapped rows",
            description: "Of the memory, for errors that could not be corrected.",
            unit: "short",
            queries: [[`max ${byCard} (${of("DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS")})`, legend]],
            limit: { value: 1, bad: "above" },
            min: 0,
          }),
        ],
      },
    ],
  });
}
