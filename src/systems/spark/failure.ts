import { MillwrightError } from "../../error.ts";
import type { SparkAddress } from "./address.ts";
import { decode, type ErrorDetails } from "./messages.ts";

/** What went wrong with a call, as the server or gRPC told it. */
export interface Failure {
  /** gRPC's status code; 14 is unavailable. */
  readonly code: number;
  /** Spark's name of the error, such as `DIVIDE_BY_ZERO`; empty when it has none. */
  readonly errorClass: string;
  readonly message: string;
  /** The Java classes of the error, the most special one first. */
  readonly classes: string;
  /** Under which the server keeps the whole of it for a while. */
  readonly errorId: string | null;
}

/** The failure in what a call threw; null when it was no call. */
export function failureOf(error: unknown): Failure | null {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "number") return null;
  const message = "details" in error && typeof error.details === "string" ? error.details : error.message;
  const info = errorInfoOf(error);
  const metadata = info.metadata ?? {};
  return {
    code: error.code,
    errorClass: metadata["errorClass"] ?? /^\s*\[([A-Z][A-Z0-9_.]+)\]/.exec(message)?.[1] ?? "",
    message,
    classes: metadata["classes"] ?? info.reason ?? "",
    errorId: metadata["errorId"] ?? null,
  };
}

function errorInfoOf(error: Error): { readonly reason?: string; readonly metadata?: Readonly<Record<string, string>> } {
  if (!("metadata" in error) || typeof error.metadata !== "object" || error.metadata === null) return {};
  const { metadata } = error;
  if (!("get" in metadata) || typeof metadata.get !== "function") return {};
  const values: unknown = metadata.get("grpc-status-details-bin");
  const [bytes] = Array.isArray(values) ? values : [];
  if (!(bytes instanceof Uint8Array)) return {};
  const found = decode("Status", bytes).details?.find(({ typeUrl }) => typeUrl?.endsWith("google.rpc.ErrorInfo"));
  return found?.value === undefined ? {} : decode("ErrorInfo", found.value);
}

/** The failure with all of its words: what comes with the status is cut. */
export function completed(failure: Failure, { errors = [], rootErrorIdx }: ErrorDetails): Failure {
  const root = errors[rootErrorIdx ?? 0];
  if (root === undefined) return failure;
  const words = [root.message ?? ""];
  const seen = new Set([root]);
  let cause = root.causeIdx === undefined ? undefined : errors[root.causeIdx];
  while (cause !== undefined && !seen.has(cause)) {
    seen.add(cause);
    words.push(cause.message ?? "");
    cause = cause.causeIdx === undefined ? undefined : errors[cause.causeIdx];
  }
  const classes = [...seen].flatMap((each) => each.errorTypeHierarchy ?? []);
  return {
    ...failure,
    errorClass: root.sparkThrowable?.errorClass ?? failure.errorClass,
    message: words.filter((text, index) => text !== "" && !words.slice(0, index).some((before) => before.includes(text))).join("\n"),
    classes: classes.join(" "),
  };
}

/** Whether the connection broke, so that the execution goes on at the server and can be attached to again. */
export function isBroken({ code, errorClass, message }: Failure): boolean {
  if (errorClass === "INVALID_CURSOR.DISCONNECTED") return true;
  // 14: unavailable. gRPC calls a connection that was reset in mid-reply internal (13) or unknown (2).
  return (
    code === 14 ||
    ((code === 13 || code === 2) && /RST_STREAM|INVALID_CURSOR\.DISCONNECTED|connection (reset|closed|dropped)/i.test(message))
  );
}

/** Whether the server does not know the session any more: it was restarted, or the session lay idle for too long. */
export function isSessionLost({ errorClass, message }: Failure): boolean {
  return /INVALID_HANDLE\.SESSION_(NOT_FOUND|CHANGED|CLOSED)/.test(`${errorClass} ${message}`);
}

/** Whether the server does not know the execution. */
export function isOperationLost({ errorClass, message }: Failure): boolean {
  return /INVALID_HANDLE\.OPERATION_(NOT_FOUND|ABANDONED)/.test(`${errorClass} ${message}`);
}

/** Failures of the cluster that another attempt may not meet. */
const passing =
  /CommitStateUnknown|ExecutorLost|executor (was )?lost|FetchFailed|SparkContext (has been|was) (shut ?down|stopped)|stopped SparkContext|No live (nodes|executors)|ServiceUnavailable|ServiceFailureException|Connection (refused|reset)|Connection timed out|Read timed out|SocketTimeoutException|NoHttpResponse|FILE_NOT_EXIST|Failed to get block|BlockNotFound|Could not find CoarseGrainedScheduler|OPERATION_(NOT_FOUND|ABANDONED)/i;

/** The failure as an error of ours: no stack, no secret. */
export function sparkError(failure: Failure, address: SparkAddress, redact: (text: string) => string): MillwrightError {
  const server = `Spark at ${address.host}:${address.port}`;
  const words = redact(plainWords(failure));
  if (isSessionLost(failure))
    return new MillwrightError({ code: "transient", what: `${server} has lost the session: ${words}`, fix: "run again" });
  if (isBroken(failure))
    return new MillwrightError({
      code: "transient",
      what: `${server} does not answer: ${words}`,
      fix: "check the option url, and that the Connect server is up",
    });
  if (failure.code === 16 || failure.code === 7)
    return new MillwrightError({
      code: "spark-refused",
      what: `${server} refuses the connection: ${words}`,
      fix: "check the option token",
    });
  const everything = `${failure.classes} ${failure.message}`;
  if (/CommitFailedException|Cannot commit .*(conflict|stale)|ValidationException.*conflict/i.test(everything))
    return new MillwrightError({ code: "commit-conflict", what: `another commit came first: ${words}`, fix: "run again" });
  if (passing.test(everything)) return new MillwrightError({ code: "transient", what: `${server}: ${words}`, fix: "run again" });
  return new MillwrightError({ code: "spark-failed", what: `${server}: ${words}` });
}

const longest = 2_000;

/** The message without stacks and query plans, and with the class before it. */
function plainWords({ errorClass, message }: Failure): string {
  const lines = message
    .replace(/(line \d+ pos \d+);\n[\s\S]*$/, "$1")
    .replace(/\n\s*JVM stacktrace:[\s\S]*$/, "")
    .split("\n")
    .filter((line) => !/^\s+at \S|^Driver stacktrace:|^\s*\.\.\. \d+ more$/.test(line) && line.trim() !== "");
  const text = lines.join("\n").trim();
  const named = errorClass === "" || text.includes(errorClass) ? text : `[${errorClass}] ${text}`;
  return named.length > longest ? `${named.slice(0, longest)} ...` : named;
}

/** Replaces secrets in a text. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const values = secrets.filter((secret) => secret.length >= 4).toSorted((a, b) => b.length - a.length);
  return (text) => values.reduce((result, secret) => result.replaceAll(secret, "***"), text);
}
