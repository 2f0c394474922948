import { Fault, shown } from "./fault.ts";

const units: Readonly<Record<string, number>> = Object.freeze({ H: 3_600_000_000, M: 60_000_000, S: 1_000_000, m: 1000, u: 1, n: 0.001 });

/**
 * A deadline as gRPC writes it in `grpc-timeout`: at most eight digits and a unit (H, M, S, m, u, n), in microseconds.
 * @throws Fault 400
 */
export function grpcTimeout(text: string): number {
  const [, digits = "", unit = ""] = /^(\d{1,8})([HMSmun])$/.exec(text) ?? [];
  if (digits === "")
    throw new Fault(400, "bad-timeout", `grpc-timeout is ${shown(text)}; it must be digits and one of H M S m u n, as in 250m`);
  return Number(digits) * (units[unit] ?? 1);
}

/**
 * A deadline as Triton has it: whole microseconds, 0 for none; null where there is none.
 * @throws Fault 400
 */
export function timeoutParameter(value: unknown): number | null {
  if (value === undefined) return null;
  const microseconds = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
  if (typeof microseconds !== "number" || !Number.isSafeInteger(microseconds) || microseconds < 0)
    throw new Fault(400, "bad-timeout", `'timeout' must be whole microseconds, given ${shown(value)}`);
  return microseconds === 0 ? null : microseconds;
}
