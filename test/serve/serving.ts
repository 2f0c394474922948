import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { ModelSource } from "../../src/serve/deployment.ts";
import type { Order, Report } from "./serving-process.ts";

/** A server in a process of its own. */
export interface Serving {
  readonly port: number;
  /** `host:port`; null without gRPC. */
  readonly grpc: string | null;
  deploy(source: ModelSource): Promise<void>;
  memory(): Promise<{ readonly used: number; readonly resident: number }>;
  /** How the process ended, when it has. */
  ended(): string | null;
  /** What it said on its standard error. */
  said(): string;
  stop(): Promise<void>;
}

export async function startServing(models: readonly ModelSource[], grpc = false): Promise<Serving> {
  const script = fileURLToPath(new URL("serving-process.ts", import.meta.url));
  const child = fork(script, [JSON.stringify({ models, grpc })], {
    execArgv: ["--expose-gc", "--no-warnings"],
    stdio: ["ignore", "inherit", "pipe", "ipc"],
  });
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => (said = (said + chunk.toString()).slice(-20_000)));
  let ended: string | null = null;
  const waiting: { readonly kind: Report["kind"]; resolve(report: Report): void; reject(error: Error): void }[] = [];
  child.on("exit", (code, signal) => {
    ended = `the server's process ended with ${signal ?? code}`;
    for (const { reject } of waiting.splice(0)) reject(new Error(`${ended}\n${said}`));
  });
  child.on("message", (report: Report) => {
    const next = waiting.shift();
    if (report.kind === "failed") next?.reject(new Error(report.reason));
    else next?.resolve(report);
  });
  // One order at a time: each report belongs to the oldest.
  const expected = (kind: Report["kind"]): Promise<Report> => new Promise((resolve, reject) => waiting.push({ kind, resolve, reject }));
  const order = (what: Order, kind: Report["kind"]): Promise<Report> => {
    const report = expected(kind);
    child.send(what);
    return report;
  };
  const serving = await expected("serving");
  if (serving.kind !== "serving") throw new Error(`the server's process began with ${serving.kind}`);
  return {
    port: serving.port,
    grpc: serving.grpc,
    ended: () => ended,
    said: () => said,
    async deploy(source) {
      await order({ kind: "deploy", source }, "deployed");
    },
    async memory() {
      const report = await order({ kind: "memory" }, "memory");
      if (report.kind !== "memory") throw new Error(`asked for memory, told ${report.kind}`);
      return report;
    },
    async stop() {
      if (ended !== null) return;
      const exit = once(child, "exit");
      child.send({ kind: "stop" } satisfies Order);
      await exit;
    },
  };
}
