// An inference server in a process of its own, told what to do by its parent: what it needs of memory is then nobody else's.
import { startInference } from "../../src/serve/server.ts";
import type { ModelSource } from "../../src/serve/deployment.ts";

export type Order = { readonly kind: "deploy"; readonly source: ModelSource } | { readonly kind: "memory" | "stop" };

export type Report =
  | { readonly kind: "serving"; readonly port: number; readonly grpc: string | null }
  | { readonly kind: "deployed" | "stopped" }
  /** Bytes; what is in use after a collection, and what the process holds. */
  | { readonly kind: "memory"; readonly used: number; readonly resident: number }
  | { readonly kind: "failed"; readonly reason: string };

function report(message: Report): void {
  process.send?.(message);
}

const [first = ""] = process.argv.slice(2);
const { models, grpc }: { readonly models: readonly ModelSource[]; readonly grpc: boolean } = JSON.parse(first);
const server = await startInference({ models, ...(grpc ? { grpcPort: 0 } : {}) });
process.on("disconnect", () => process.exit());
process.on("message", (order: Order) => {
  if (order.kind === "deploy") {
    server.deploy(order.source).then(
      () => report({ kind: "deployed" }),
      (error: unknown) => report({ kind: "failed", reason: String(error) }),
    );
  } else if (order.kind === "memory") {
    globalThis.gc?.();
    const { heapUsed, external, rss } = process.memoryUsage();
    report({ kind: "memory", used: heapUsed + external, resident: rss });
  } else {
    void server.stop().then(() => {
      process.send?.({ kind: "stopped" } satisfies Report, () => process.exit());
    });
  }
});
report({ kind: "serving", port: server.port, grpc: server.grpc });
