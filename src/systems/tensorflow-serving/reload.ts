import type * as Grpc from "@grpc/grpc-js";
import { MillwrightError } from "../../error.ts";
import { reloadFault, reloadRequest, type ServedConfig } from "./messages.ts";

const method = "/tensorflow.serving.ModelService/HandleReloadConfigRequest";
const identity = (bytes: Buffer): Buffer => bytes;

/**
 * Tells a TensorFlow Serving over gRPC what to serve; it answers when all of it is loaded, or cannot be.
 *
 * @param address `host:port`
 * @throws MillwrightError `server-refused`, `server-unreachable`, `grpc-missing`
 */
export async function reloadConfig(address: string, models: readonly ServedConfig[], patience: number): Promise<void> {
  const grpc = await library();
  const client = new grpc.Client(address, grpc.credentials.createInsecure());
  try {
    const answer = await new Promise<Buffer>((resolve, reject) => {
      client.makeUnaryRequest(method, identity, identity, reloadRequest(models), { deadline: Date.now() + patience }, (error, reply) => {
        if (error !== null || reply === undefined) reject(failure(grpc, address, error));
        else resolve(reply);
      });
    });
    const fault = reloadFault(answer);
    if (fault !== null) throw refused(address, fault);
  } finally {
    client.close();
  }
}

function failure(grpc: typeof Grpc, address: string, error: Grpc.ServiceError | null): MillwrightError {
  if (error?.code !== grpc.status.UNAVAILABLE) return refused(address, error?.details ?? "nothing");
  return new MillwrightError({
    code: "server-unreachable",
    what: `TensorFlow Serving does not answer: ${error.details}`,
    where: address,
    fix: "start it, or correct its address in the binding of the role server",
  });
}

function refused(address: string, why: string): MillwrightError {
  return new MillwrightError({
    code: "server-refused",
    what: `TensorFlow Serving does not take what it is to serve: ${why}`,
    where: address,
    fix: "see the server's own log",
  });
}

async function library(): Promise<typeof Grpc> {
  try {
    return await import("@grpc/grpc-js");
  } catch (error) {
    throw new MillwrightError(
      {
        code: "grpc-missing",
        what: "TensorFlow Serving is told over gRPC what to serve, which needs the package @grpc/grpc-js",
        fix: "npm install @grpc/grpc-js",
      },
      { cause: error },
    );
  }
}
