import { Fault } from "./fault.ts";

/**
 * The elements of a JSON tensor in row-major order; a request may send them flat or nested by its shape.
 * @throws Fault 400 when their number or nesting is not that of the shape
 */
export function flatten(input: string, data: unknown, shape: readonly number[]): readonly unknown[] {
  if (!Array.isArray(data)) throw new Fault(400, "bad-request", `input '${input}': 'data' must be an array`);
  const length = shape.reduce((product, size) => product * size, 1);
  if (shape.length > 1 && Array.isArray(data[0])) {
    const elements: unknown[] = [];
    gather(input, data, shape, 0, elements);
    return elements;
  }
  if (data.length !== length)
    throw new Fault(
      400,
      "wrong-shape",
      `input '${input}': the shape [${shape.join(",")}] has ${length} elements, 'data' has ${data.length}`,
    );
  return data;
}

function gather(input: string, part: unknown, shape: readonly number[], axis: number, elements: unknown[]): void {
  if (!Array.isArray(part) || part.length !== shape[axis])
    throw new Fault(400, "wrong-shape", `input '${input}': 'data' is not nested as its shape [${shape.join(",")}] says`);
  if (axis === shape.length - 1) for (const element of part) elements.push(element);
  else for (const inner of part) gather(input, inner, shape, axis + 1, elements);
}
