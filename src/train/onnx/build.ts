import type { Attribute, Constant, ElementType, Graph, Operator, Value } from "./proto.ts";
import { elementTypes } from "./proto.ts";

/** Collects the operators and constants of a graph under names that do not collide. */
export interface GraphBuilder {
  /** Adds an operator; gives its output's name. */
  add(
    operator: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, Attribute>>,
    options?: { readonly domain?: "" | "ai.onnx.ml"; readonly output?: string },
  ): string;
  constant(type: Constant["type"], values: readonly number[], shape?: readonly number[]): string;
  cast(input: string, to: ElementType, output?: string): string;
  /** How many operators there are so far. */
  length(): number;
  finish(parts: {
    readonly name: string;
    readonly description: string;
    readonly inputs: readonly Value[];
    readonly outputs: readonly Value[];
    readonly metadata: Readonly<Record<string, string>>;
  }): Graph;
}

/** @param taken - Names of inputs and outputs, which inner values must avoid. */
export function buildGraph(taken: readonly string[]): GraphBuilder {
  const operators: Operator[] = [];
  const constants: Constant[] = [];
  const names = new Set(taken);
  const fresh = (stem: string): string => {
    let name = stem;
    for (let count = 2; names.has(name); count++) name = `${stem}_${count}`;
    names.add(name);
    return name;
  };
  const add: GraphBuilder["add"] = (operator, inputs, attributes = {}, options = {}) => {
    const output = options.output ?? fresh(`${operator.toLowerCase()}_${operators.length}`);
    operators.push({ operator, domain: options.domain ?? "", inputs, output, attributes });
    return output;
  };
  return {
    add,
    constant(type, values, shape = [values.length]) {
      const name = fresh(`constant_${constants.length}`);
      constants.push({ name, type, shape, values });
      return name;
    },
    cast: (input, to, output) => add("Cast", [input], { to: { integer: elementTypes[to] } }, output === undefined ? {} : { output }),
    length: () => operators.length,
    finish: (parts) => ({ ...parts, operators, constants }),
  };
}
