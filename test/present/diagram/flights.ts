import definition from "../../../examples/flights/platform.ts";
import { planPlatform } from "../../../src/plan/platform.ts";
import type { PlatformPlan } from "../../../src/plan/vocabulary.ts";

export { definition };

/** The plan of examples/flights, before anything has run. */
export function flightsPlan(name: string): PlatformPlan {
  const environment = definition.environments[name];
  if (environment === undefined) throw new Error(`flights has no environment ${name}`);
  const measurements = { tables: {}, models: {}, endpoints: {}, evidence: [], machine: null };
  return planPlatform({ definition, environment, measurements, columns: {}, prices: {} });
}
