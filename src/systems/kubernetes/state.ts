import { constants } from "node:os";
import type { TaskEnd } from "../roles.ts";

/** A Job as the API server has it: what is read of it. */
export interface JobObject {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly suspend?: boolean; readonly completions?: number };
  readonly status?: {
    readonly startTime?: string;
    readonly completedIndexes?: string;
    readonly failedIndexes?: string;
    readonly conditions?: readonly Condition[];
  };
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

/** A pod as the API server has it: what is read of it. */
export interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly nodeName?: string };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly startTime?: string;
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: readonly {
      readonly state?: {
        readonly waiting?: { readonly reason?: string; readonly message?: string };
        readonly running?: { readonly startedAt?: string };
        readonly terminated?: {
          readonly exitCode: number;
          readonly reason?: string;
          readonly startedAt?: string;
          readonly finishedAt?: string;
        };
      };
    }[];
  };
}

/** Where Kubernetes writes which task a pod is. */
export const indexLabel = "batch.kubernetes.io/job-completion-index";

/** `1,3-5` to 1, 3, 4, 5. */
export function parseIndexes(text: string | undefined): ReadonlySet<number> {
  return new Set(
    (text ?? "").split(",").flatMap((part) => {
      const [first = "", last = first] = part.split("-");
      return first === "" ? [] : Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => Number(first) + index);
    }),
  );
}

/** Whether a Job will start no more pods, and how it ended. */
export function jobCondition(job: JobObject): Condition | null {
  return job.status?.conditions?.find(({ type, status }) => (type === "Complete" || type === "Failed") && status === "True") ?? null;
}

/** Reasons of a pod that say that its node would not or could not go on with it. */
const lostReasons =
  /^(Evicted|NodeLost|NodeShutdown|Terminated|NodeAffinity|Preempting|Preempted|UnexpectedAdmissionError|OutOf\w+|Shutdown)$/;

/** How a pod ended; of one that has not ended, what is known. */
export function podOutcome(pod: Pod): Pick<TaskEnd, "outcome" | "exitCode" | "reason"> {
  const { phase, reason, message, conditions } = pod.status ?? {};
  const ended = pod.status?.containerStatuses?.[0]?.state?.terminated;
  const disruption = conditions?.find(({ type, status }) => type === "DisruptionTarget" && status === "True");
  const exitCode = ended?.exitCode ?? null;
  const said = (word: string | undefined, more: string | undefined): string =>
    `Kubernetes says ${word ?? "nothing"}${more === undefined || more === "" ? "" : ` (${more.trim()})`}`;
  if (phase === "Succeeded") return { outcome: "succeeded", exitCode: 0, reason: null };
  if (reason === "DeadlineExceeded") return { outcome: "timed-out", exitCode, reason: said(reason, message) };
  if (disruption !== undefined) return { outcome: "lost", exitCode: null, reason: said(reason ?? disruption.reason, disruption.message) };
  if (reason !== undefined && lostReasons.test(reason)) return { outcome: "lost", exitCode: null, reason: said(reason, message) };
  if (ended?.reason === "OOMKilled")
    return { outcome: "out-of-memory", exitCode, reason: said("OOMKilled", "it took more memory than its limit") };
  if (exitCode === null) return { outcome: "lost", exitCode: null, reason: said(reason ?? phase, message) };
  return { outcome: "failed", exitCode, reason: exitReason(exitCode, ended?.reason) };
}

function exitReason(code: number, reason: string | undefined): string {
  const signal = Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0];
  const how = signal === undefined ? `it ended with exit code ${code}` : `it was ended by ${signal} (exit code ${code})`;
  return reason === undefined || reason === "Error" ? how : `${how}; Kubernetes says ${reason}`;
}

/** What the pods of one task used: the newest one's time, since a task that begins again begins to count again. */
export function usageOf(pods: readonly Pod[]): TaskEnd["usage"] {
  const newest = newestOf(pods);
  const ended = newest?.status?.containerStatuses?.[0]?.state?.terminated;
  const [from, to] = [ended?.startedAt ?? newest?.status?.startTime, ended?.finishedAt].map((time) => Date.parse(time ?? ""));
  const seconds = from === undefined || to === undefined || Number.isNaN(to - from) ? 0 : Math.max(0, (to - from) / 1000);
  const nodes = [...new Set(pods.filter((pod) => indexOf(pod) !== null).flatMap(({ spec }) => spec.nodeName ?? []))];
  return { seconds, processorSeconds: null, peakMemory: null, nodes: newest === undefined ? [] : nodes };
}

/** The index of a pod of a Job. */
export function indexOf(pod: Pod): number | null {
  const text = pod.metadata.labels?.[indexLabel] ?? pod.metadata.annotations?.[indexLabel];
  return text === undefined ? null : Number(text);
}

/** The last one that was made, by how often its index had failed before. */
export function newestOf(pods: readonly Pod[]): Pod | undefined {
  const failures = ({ metadata }: Pod): number => Number(metadata.annotations?.["batch.kubernetes.io/job-index-failure-count"] ?? 0);
  return pods
    .toSorted((a, b) => failures(a) - failures(b) || (a.metadata.creationTimestamp ?? "").localeCompare(b.metadata.creationTimestamp ?? ""))
    .at(-1);
}

/** Why the container of a pod cannot begin, where that is not for want of a node. */
export function stuckReason(pod: Pod): string | null {
  const waiting = pod.status?.containerStatuses?.[0]?.state?.waiting;
  const stuck =
    /^(ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull|CreateContainerConfigError|CreateContainerError|RunContainerError)$/;
  return waiting?.reason !== undefined && stuck.test(waiting.reason)
    ? `Kubernetes says ${waiting.reason}${waiting.message === undefined ? "" : ` (${waiting.message})`}`
    : null;
}
