import { select, type Subject } from "../monitoring/rule.ts";
import { dashboardFile } from "./dashboard.ts";
import { lines, newest, rowsOf } from "./panel.ts";

/** How the endpoints serve: rate, latency, failures, queue, batches, versions, log. @param p99 seconds that are promised; null for none */
export function endpointDashboard({ subject, p99 }: { readonly subject: Subject; readonly p99: number | null }): string {
  const of = (name: string, ...others: readonly string[]): string => select(subject, name, 'endpoint=~"$endpoint"', ...others);
  const bucket = (name: string) => of(`${name}_bucket`);
  const quantile = (share: number, name: string) =>
    `histogram_quantile(${share}, sum by (endpoint, le) (rate(${bucket(name)}[$__rate_interval])))`;
  const rate = (name: string, by: string, ...others: readonly string[]) =>
    `sum by (${by}) (rate(${of(name, ...others)}[$__rate_interval]))`;
  const promised = p99 === null ? {} : { limit: { value: p99, bad: "above" as const } };
  return dashboardFile({
    subject,
    name: "endpoint",
    title: "endpoints",
    description: "How endpoints answer: rate, latency, failures, queue and batches, versions, and what becomes of the predictions.",
    byEndpoint: true,
    rows: [
      {
        title: "Answers",
        height: 8,
        panels: [
          lines({
            title: "Requests",
            description: "A second, by status.",
            unit: "reqps",
            queries: [[rate("millwright_inference_requests_total", "endpoint, code"), "{{endpoint}} {{code}}"]],
            min: 0,
          }),
          lines({
            title: "Latency",
            description: "From a request's last byte to its answer, of those that succeeded; read off the histogram's buckets.",
            unit: "s",
            queries: [
              [quantile(0.5, "millwright_inference_request_seconds"), "{{endpoint}} p50"],
              [quantile(0.95, "millwright_inference_request_seconds"), "{{endpoint}} p95"],
              [quantile(0.99, "millwright_inference_request_seconds"), "{{endpoint}} p99"],
            ],
            ...promised,
            min: 0,
          }),
          lines({
            title: "Failures",
            description: "Refusals a second, by reason.",
            unit: "reqps",
            queries: [[rate("millwright_inference_failures_total", "endpoint, code, reason"), "{{endpoint}} {{code}} {{reason}}"]],
            min: 0,
          }),
        ],
      },
      {
        title: "Inside",
        height: 8,
        panels: [
          lines({
            title: "Waiting for a batch",
            description: "99 of 100 requests wait no longer.",
            unit: "s",
            queries: [[quantile(0.99, "millwright_inference_queue_seconds"), "{{endpoint}}"]],
            min: 0,
          }),
          lines({
            title: "Rows that wait",
            description: "Now, for a thread.",
            unit: "short",
            queries: [[`sum by (endpoint) (${of("millwright_inference_queue_rows")})`, "{{endpoint}}"]],
            min: 0,
          }),
          lines({
            title: "Rows of a batch",
            description: "On average.",
            unit: "short",
            queries: [
              [
                `${rate("millwright_inference_batch_rows_sum", "endpoint")} / ${rate("millwright_inference_batch_rows_count", "endpoint")}`,
                "{{endpoint}}",
              ],
            ],
            min: 0,
          }),
          lines({
            title: "Time in the model",
            description: "Threads that compute, on average.",
            unit: "short",
            queries: [[rate("millwright_inference_compute_seconds_total", "endpoint"), "{{endpoint}}"]],
            min: 0,
          }),
        ],
      },
      {
        title: "Versions",
        height: 8,
        panels: [
          rowsOf({
            title: "Served now",
            description: "And the part of the requests that name no version which each answers.",
            unit: "percent",
            queries: [[`max by (endpoint, version) (${of("millwright_inference_version_percent")})`, ""]],
            columns: { endpoint: "endpoint", version: "version" },
            value: "share",
          }),
          lines({
            title: "Requests by version",
            description: "A second.",
            unit: "reqps",
            queries: [[rate("millwright_inference_version_requests_total", "endpoint, version"), "{{endpoint}} version {{version}}"]],
            min: 0,
          }),
          lines({
            title: "Deadlines and callers that left",
            description: "A second.",
            unit: "reqps",
            queries: [
              [rate("millwright_inference_deadline_misses_total", "endpoint"), "{{endpoint}} deadline passed"],
              [rate("millwright_inference_cancelled_total", "endpoint"), "{{endpoint}} caller left"],
            ],
            min: 0,
          }),
        ],
      },
      {
        title: "Prediction log and cost",
        height: 8,
        panels: [
          lines({
            title: "Predictions",
            description: "Stored in the lake and lost, a second.",
            unit: "short",
            queries: [
              [rate("millwright_prediction_log_written_rows_total", "endpoint"), "{{endpoint}} stored"],
              [rate("millwright_prediction_log_dropped_rows_total", "endpoint"), "{{endpoint}} lost"],
            ],
            min: 0,
          }),
          newest({
            title: "Lost",
            description: "Predictions that never came to the lake, over the time shown.",
            unit: "short",
            queries: [[`sum by (endpoint) (increase(${of("millwright_prediction_log_dropped_rows_total")}[$__range]))`, "{{endpoint}}"]],
            limit: { value: 1, bad: "above" },
          }),
          newest({
            title: "Processor time of a thousand inferences",
            description: "Of the whole serving process.",
            unit: "s",
            queries: [[`max(${select(subject, "millwright_inference_cpu_seconds_per_thousand")})`, "all"]],
          }),
        ],
      },
    ],
  });
}
