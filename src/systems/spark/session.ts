import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { MillwrightError } from "../../error.ts";
import type { Channel } from "./channel.ts";
import { completed, failureOf, isBroken, isOperationLost, isSessionLost, sparkError } from "./failure.ts";
import type { AnalyzeResponse, ConfigResponse, DataType, ExecuteResponse, Plan, Relation, Replies } from "./messages.ts";

/** A session of a Spark Connect server: settings and temporary views are its own. */
export interface SparkSession {
  readonly id: string;
  /** True once the server has said that it does not know the session: everything that was made in it is gone. */
  readonly lost: boolean;
  /** Sets settings and takes others away; values go in a message of their own, never in SQL. */
  configure(settings: Readonly<Record<string, string>>, unset?: readonly string[]): Promise<void>;
  /** Runs a plan and gives its responses as they come; a broken stream is attached to again. */
  execute(plan: Plan, signal: AbortSignal | null): AsyncGenerator<ExecuteResponse>;
  /** Runs a command to its end. */
  command(command: NonNullable<Plan["command"]>, options?: CommandOptions): Promise<void>;
  /** The type of a relation's rows. */
  schemaOf(relation: Relation): Promise<DataType>;
  release(): Promise<void>;
}

export interface CommandOptions {
  readonly signal?: AbortSignal | null;
  /** Called with the numbers of tasks that are done and known. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface SessionOptions {
  readonly channel: Channel;
  /** How long, in milliseconds, a server that does not answer is asked again. */
  readonly patience: number;
  readonly redact: (text: string) => string;
}

const clientType = "millwright";

/** Opens a session; the server learns of it with the first call. */
export function openSession({ channel, patience, redact }: SessionOptions): SparkSession {
  const id = randomUUID();
  const userContext = { userId: channel.address.user, userName: channel.address.user };
  /** What the server calls the session: it changes when the server is another one, which must not go unseen. */
  let observed: string | undefined;
  let lost = false;
  /** Releases that nobody waits for, but the end of the session. */
  const releases = new Set<Promise<void>>();
  const header = () => ({ sessionId: id, userContext, clientType, ...(observed === undefined ? {} : { observed }) });

  const translated = async (error: unknown): Promise<Error> => {
    const failure = failureOf(error);
    if (failure === null) return error instanceof Error ? error : new Error(String(error));
    if (isSessionLost(failure)) lost = true;
    return sparkError(await withDetails(failure), channel.address, redact);
  };

  /** All that the server says of an error; the status itself is cut, and a server that is gone says no more. */
  const withDetails = async (failure: NonNullable<ReturnType<typeof failureOf>>) => {
    if (failure.errorId === null || lost) return failure;
    const request = { ...header(), errorId: failure.errorId };
    return channel.call("FetchErrorDetails", request, "FetchErrorDetailsResponse").then(
      (details) => completed(failure, details),
      () => failure,
    );
  };

  /** One call, made again while the connection is broken: asking twice does no harm. */
  const call = async <Name extends keyof Replies>(method: string, fields: object, reply: Name): Promise<Replies[Name]> => {
    for (const delays = backoff(patience); ;) {
      try {
        return await channel.call(method, { ...header(), ...fields }, reply);
      } catch (error) {
        const failure = failureOf(error);
        if (failure === null || !isBroken(failure) || !(await delays.wait(null))) throw await translated(error);
      }
    }
  };

  const observe = ({ serverSideSessionId }: { readonly serverSideSessionId?: string }): void => {
    observed ??= serverSideSessionId;
  };

  const releaseExecution = (operationId: string): void => {
    const released = channel.call("ReleaseExecute", { ...header(), operationId, releaseAll: {} }, "Empty").then(
      () => undefined,
      // The server lets go of it by itself after a while.
      () => undefined,
    );
    releases.add(released);
    void released.finally(() => releases.delete(released));
  };

  async function* execute(plan: Plan, signal: AbortSignal | null): AsyncGenerator<ExecuteResponse> {
    signal?.throwIfAborted();
    const operationId = randomUUID();
    const start = () =>
      channel.stream("ExecutePlan", {
        ...header(),
        operationId,
        plan,
        requestOptions: [{ reattachOptions: { reattachable: true } }],
      });
    const reattach = () =>
      channel.stream("ReattachExecute", { ...header(), operationId, ...(last === undefined ? {} : { lastResponseId: last }) });
    // 3: the operation of this id. Its stream then ends with an error, for which the reason of the signal is thrown.
    const interrupt = (): void => void call("Interrupt", { interruptType: 3, operationId }, "Empty").catch(() => undefined);
    signal?.addEventListener("abort", interrupt, { once: true });
    let last: string | undefined;
    let stream = start();
    let delays = backoff(patience);
    try {
      for (;;) {
        try {
          for await (const response of stream) {
            delays = backoff(patience);
            last = response.responseId ?? last;
            observe(response);
            if (response.resultComplete !== undefined) return;
            yield response;
          }
          // A stream that ends without the result's end was ended for its age: the rest is asked for.
          stream = reattach();
        } catch (error) {
          const failure = failureOf(error);
          if (failure === null) throw error;
          // The server never heard of it: it is the first time then.
          if (isOperationLost(failure) && last === undefined && !isSessionLost(failure)) stream = start();
          else if (isBroken(failure) && !isSessionLost(failure) && (await delays.wait(signal))) stream = reattach();
          else throw await translated(error);
        }
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener("abort", interrupt);
      if (!lost) releaseExecution(operationId);
    }
  }

  return {
    id,
    get lost() {
      return lost;
    },
    async configure(settings, unset = []) {
      if (unset.length > 0) await call("Config", { operation: { unset: { keys: unset } } }, "ConfigResponse");
      const pairs = Object.entries(settings).map(([key, value]) => ({ key, value }));
      const response: ConfigResponse = await call("Config", { operation: { set: { pairs } } }, "ConfigResponse");
      observe(response);
    },
    execute,
    async command(command, { signal = null, onProgress } = {}) {
      for await (const { executionProgress } of execute({ command }, signal)) {
        if (executionProgress === undefined || onProgress === undefined) continue;
        const { stages = [] } = executionProgress;
        const sum = (count: (stage: (typeof stages)[number]) => number | undefined) =>
          stages.reduce((total, stage) => total + (count(stage) ?? 0), 0);
        onProgress(
          sum((stage) => stage.numCompletedTasks),
          sum((stage) => stage.numTasks),
        );
      }
    },
    async schemaOf(relation) {
      const response: AnalyzeResponse = await call("AnalyzePlan", { schema: { plan: { root: relation } } }, "AnalyzePlanResponse");
      const type = response.schema?.schema;
      if (type === undefined) throw new MillwrightError({ code: "spark-failed", what: "Spark gave no schema" });
      return type;
    },
    async release() {
      await Promise.all(releases);
      if (lost || observed === undefined) return;
      await channel.call("ReleaseSession", { sessionId: id, userContext, clientType }, "Empty").then(
        () => undefined,
        // A server that is gone has no session to release, and one that does not answer releases it after an hour.
        () => undefined,
      );
    },
  };
}

/** Pauses that grow from a tenth of a second to five seconds, until the patience is used up. */
function backoff(patience: number): { wait(signal: AbortSignal | null): Promise<boolean> } {
  const end = performance.now() + patience;
  let delay = 100;
  return {
    async wait(signal) {
      const left = end - performance.now();
      if (left <= 0) return false;
      // An aborted wait ends at once; the caller then finds the signal's reason.
      await pause(Math.min(delay, left), undefined, signal === null ? {} : { signal });
      delay = Math.min(delay * 2, 5_000);
      return true;
    },
  };
}
