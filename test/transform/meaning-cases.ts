import type { Case } from "./meaning-case.ts";
import { expressionCases } from "./meaning-expressions.ts";
import { operationCases } from "./meaning-operations.ts";

export const cases: Readonly<Record<string, Case>> = { ...expressionCases, ...operationCases };
