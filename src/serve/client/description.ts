import type { ColumnType } from "../../define/column.ts";
import type { Endpoint } from "../endpoint.ts";
import { openSession } from "../session.ts";
import type { Port, Signature } from "../signature.ts";

/** An input or output as clients see it. */
export interface ClientPort extends Port {
  /** The column's type in the table, where it is known: dates and timestamps travel as INT64. */
  readonly type: ColumnType | null;
}

/** What a client of an endpoint has to know. */
export interface EndpointDescription {
  readonly endpoint: string;
  /** The version that it was taken from. */
  readonly version: string;
  readonly inputs: readonly ClientPort[];
  readonly outputs: readonly ClientPort[];
}

/** @param types of the columns by their names, as far as they are known */
export function describeEndpoint(
  endpoint: string,
  version: string,
  signature: Signature,
  types: Readonly<Record<string, ColumnType>> = {},
): EndpointDescription {
  const known = (port: Port): ClientPort => ({ ...port, type: Object.hasOwn(types, port.name) ? (types[port.name] ?? null) : null });
  return { endpoint, version, inputs: signature.inputs.map(known), outputs: signature.outputs.map((port) => ({ ...port, type: null })) };
}

/** An endpoint as it is served now, by its default version. */
export function describeServed({ name, versions: [{ deployment }] }: Endpoint): EndpointDescription {
  return describeEndpoint(name, deployment.version, deployment.signature);
}

/** The signature of an ONNX file. */
export async function readSignature(model: Uint8Array): Promise<Signature> {
  const session = await openSession(model);
  await session.release();
  return session.signature;
}

/** Whether `null` says that a value is missing; the other integer types and BOOL have none. */
export function isNullable({ datatype }: Port): boolean {
  return datatype === "FP32" || datatype === "FP64" || datatype === "BYTES" || datatype === "INT64";
}
