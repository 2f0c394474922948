import { promDuration, select, type AlertRule, type RuleGroup, type Subject } from "./rule.ts";

// The names and units are those of dcgm-exporter's default counters (etc/default-counters.csv of NVIDIA/dcgm-exporter, 4.x).
const names = {
  utilisation: "DCGM_FI_DEV_GPU_UTIL",
  memoryUsed: "DCGM_FI_DEV_FB_USED",
  memoryFree: "DCGM_FI_DEV_FB_FREE",
  temperature: "DCGM_FI_DEV_GPU_TEMP",
  xid: "DCGM_FI_DEV_XID_ERRORS",
  remapFailure: "DCGM_FI_DEV_ROW_REMAP_FAILURE",
  remappedRows: "DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS",
} as const;

/**
 * Xid errors after which NVIDIA's catalogue says that the GPU must be reset, repaired or taken out: 48 double-bit ECC, 64 row remapping failed,
 * 74 NVLink, 79 fallen off the bus, 95 uncontained ECC, 119 and 120 GSP, 140 unrecovered ECC. Others are mostly the application's.
 * https://docs.nvidia.com/deploy/xid-errors/
 */
const hardware = [48, 64, 74, 79, 95, 119, 120, 140];

/** Whether the GPUs work, by the figures of NVIDIA's DCGM exporter. @param hold seconds for which an error keeps its alert firing */
export function gpuRules(subject: Subject, hold: number): RuleGroup {
  return {
    name: "gpu",
    recorded: [],
    alerts: [
      exporterDown(subject),
      xid(subject, hold, true),
      xid(subject, hold, false),
      remapping(subject),
      remapped(subject, hold),
      hot(subject),
      full(subject),
      idle(subject),
    ],
  };
}

const card = 'gpu="0",UUID="GPU-1",Hostname="node1"';
const cardLabels = { gpu: "0", UUID: "GPU-1", Hostname: "node1" };
const which = "GPU {{ $labels.gpu }} of {{ $labels.Hostname }}";
const byCard = "by (Hostname, gpu, UUID)";

function series({ platform, environment }: Subject, name: string): string {
  return `${name}{platform="${platform}",environment="${environment}",${card}}`;
}

function rule(
  parts: Pick<AlertRule, "alert" | "severity" | "expression" | "for" | "description"> & {
    readonly what: (card: string, value: string) => string;
    readonly series: AlertRule["example"]["series"];
    readonly quiet: AlertRule["example"]["quiet"];
    readonly at: number;
    /** As the template prints it, and how. */
    readonly value: string;
    readonly template: string;
  },
): AlertRule {
  const { what, series: fires, quiet, at, value, template, ...rest } = parts;
  return {
    ...rest,
    labels: {},
    summary: what(which, `{{ $value${template} }}`),
    example: { series: fires, quiet, at, labels: cardLabels, summary: what("GPU 0 of node1", value), description: rest.description },
  };
}

function exporterDown(subject: Subject): AlertRule {
  const target = `up{job="dcgm",instance="node1:9400",platform="${subject.platform}",environment="${subject.environment}"}`;
  const description = "Nothing is known of its GPUs. Look whether dcgm-exporter runs there.";
  return {
    alert: "GpuExporterDown",
    severity: "warning",
    expression: `${select(subject, "up", 'job="dcgm"')} == 0`,
    for: 300,
    labels: {},
    summary: "{{ $labels.instance }} tells nothing of its GPUs",
    description,
    example: {
      series: { [target]: "1x5 0x*" },
      quiet: { [target]: "1x*" },
      at: 660,
      labels: { job: "dcgm", instance: "node1:9400" },
      summary: "node1:9400 tells nothing of its GPUs",
      description,
    },
  };
}

/** The exporter shows the last error until it is restarted, so an error counts for `hold` seconds after it came. */
function xid(subject: Subject, hold: number, broken: boolean): AlertRule {
  const gauge = select(subject, names.xid);
  const among = hardware.map((code) => `${gauge} == ${code}`).join(" or ");
  const window = promDuration(hold);
  const now = broken ? `(${among})` : `(${gauge} > 0 unless (${among}))`;
  return rule({
    alert: broken ? "GpuBroken" : "GpuError",
    severity: broken ? "critical" : "warning",
    expression: `max ${byCard} (${now} and (changes(${gauge}[${window}]) > 0 or ${gauge} unless ${gauge} offset ${window}))`,
    for: 0,
    description: broken
      ? "Take the node out, and reset the GPU or have it repaired, as NVIDIA's catalogue of Xid errors says for this one."
      : "Most often the application's own fault: look into its log for this time, and into NVIDIA's catalogue of Xid errors.",
    what: (where, value) => `${where}: Xid error ${value}`,
    series: { [series(subject, names.xid)]: broken ? "0x4 79x*" : "0x4 31x*" },
    quiet: { [series(subject, names.xid)]: broken ? "0x4 31x*" : "0x4 79x*" },
    at: 300,
    value: broken ? "79" : "31",
    template: "",
  });
}

function remapping(subject: Subject): AlertRule {
  return rule({
    alert: "GpuRowRemapFailure",
    severity: "critical",
    expression: `max ${byCard} (${select(subject, names.remapFailure)}) > 0`,
    for: 0,
    description: "There is no spare row left for a broken one of its memory: have the GPU replaced.",
    what: (where) => `${where} cannot replace a broken row of its memory`,
    series: { [series(subject, names.remapFailure)]: "0x4 1x*" },
    quiet: { [series(subject, names.remapFailure)]: "0x*" },
    at: 300,
    value: "1",
    template: "",
  });
}

function remapped(subject: Subject, hold: number): AlertRule {
  return rule({
    alert: "GpuRowsRemapped",
    severity: "warning",
    expression: `max ${byCard} (increase(${select(subject, names.remappedRows)}[${promDuration(hold)}])) > 0`,
    for: 0,
    description: "Its memory had errors that could not be corrected. The rows are replaced at the next reset of the GPU.",
    what: (where) => `${where} has remapped rows of its memory`,
    series: { [series(subject, names.remappedRows)]: "0x4 1+1x*" },
    quiet: { [series(subject, names.remappedRows)]: "3x*" },
    at: 300,
    value: "",
    template: "",
  });
}

/** Degrees Celsius at which A100, H100 and their like begin to slow down, with some to spare. */
const hottest = 85;

function hot(subject: Subject): AlertRule {
  return rule({
    alert: "GpuHot",
    severity: "warning",
    expression: `max ${byCard} (${select(subject, names.temperature)}) > ${hottest}`,
    for: 600,
    description: "It slows down to protect itself. Look at fans, air flow and neighbours.",
    what: (where, value) => `${where} has ${value} °C`,
    series: { [series(subject, names.temperature)]: "70x4 91x*" },
    quiet: { [series(subject, names.temperature)]: "70x4 91x5 70x*" },
    at: 900,
    value: "91",
    template: "",
  });
}

function full(subject: Subject): AlertRule {
  const [used, free] = [select(subject, names.memoryUsed), select(subject, names.memoryFree)];
  return rule({
    alert: "GpuMemoryFull",
    severity: "warning",
    expression: `max ${byCard} (${used} / (${used} + ${free})) > 0.95`,
    for: 900,
    description:
      "The next allocation may fail. Choose smaller batches, fewer models, or a larger GPU; a framework that takes all memory at once is told not to.",
    what: (where, value) => `${where} uses ${value} of its memory`,
    series: { [series(subject, names.memoryUsed)]: "79200x*", [series(subject, names.memoryFree)]: "800x*" },
    quiet: { [series(subject, names.memoryUsed)]: "60000x*", [series(subject, names.memoryFree)]: "20000x*" },
    at: 900,
    value: "99%",
    template: " | humanizePercentage",
  });
}

function idle(subject: Subject): AlertRule {
  return rule({
    alert: "GpuIdle",
    severity: "warning",
    expression: `max ${byCard} (avg_over_time(${select(subject, names.utilisation)}[6h])) < 5
  and max ${byCard} (${select(subject, names.utilisation)} offset 6h) >= 0`,
    for: 0,
    description: "Somebody pays for it. Give it back, or find out what its work waits for.",
    what: (where, value) => `${where} was used for ${value} % of six hours`,
    series: { [series(subject, names.utilisation)]: "1x*" },
    quiet: { [series(subject, names.utilisation)]: "60x*" },
    at: 21_600,
    value: "1",
    template: ' | printf "%.0f"',
  });
}
