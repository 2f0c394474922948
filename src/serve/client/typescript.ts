import { isNullable, type ClientPort, type EndpointDescription } from "./description.ts";
import { helpers, runtime } from "./typescript-runtime.ts";

/** A client of one endpoint in TypeScript: one file that needs nothing but `fetch`. */
export function typescriptClient(description: EndpointDescription): string {
  const { endpoint, version, inputs, outputs } = description;
  const name = pascal(endpoint);
  const features = inputs.map((port) => `${comment(port)}  readonly ${key(port.name)}: ${inputType(port)};\n`).join("");
  const predictions = outputs.map((port) => `  readonly ${key(port.name)}: ${outputType(port)};\n`).join("");
  const tensors = inputs.map((port) => `      ${tensor(port)},\n`).join("");
  const reads = outputs.map((port) => `      ${key(port.name)}: ${read(port)},\n`).join("");
  return `// Client of the endpoint '${oneLine(endpoint)}', generated from version ${oneLine(version)} of its model by \`millwright client\`; do not edit.
/* eslint-disable */

/** One row of features, as they stand in the table. */
export interface ${name}Features {
${features}}

/** What the model says of one row. */
export interface ${name}Prediction {
${predictions}}

export interface ${name}Client {
  predict(row: ${name}Features, options?: CallOptions): Promise<${name}Prediction>;
  /** All rows in one request, answered by one version of the model; the predictions are in their order. */
  predictBatch(rows: readonly ${name}Features[], options?: CallOptions): Promise<readonly ${name}Prediction[]>;
}

/**
 * A client of '${oneLine(endpoint)}'.
 * @throws PredictionError when the server refuses, the deadline passes, or the server cannot be reached after all retries
 */
export function ${camel(name)}Client(options: ClientOptions): ${name}Client {
  const endpoint = ${JSON.stringify(endpoint)};
  const tensorsOf = (rows: readonly ${name}Features[]): readonly Tensor[] => {
    const tensor = (name: string, datatype: string, shape: readonly number[], data: readonly unknown[]): Tensor => ({
      name,
      datatype,
      shape: [rows.length, ...shape],
      data,
    });
    return [
${tensors}    ];
  };
  const rowOf = (tensors: ReadonlyMap<string, Tensor>, row: number): ${name}Prediction => {
    const at = (name: string, element: number): unknown => {
      const data = tensors.get(name)?.data;
      if (data === undefined) throw new PredictionError(0, \`the reply has no output '\${name}'\`, null);
      return data[element];
    };
    return {
${reads}    };
  };
  const predictBatch = async (rows: readonly ${name}Features[], call: CallOptions = {}): Promise<readonly ${name}Prediction[]> => {
    if (rows.length === 0) return [];
    const tensors = await ask(options, endpoint, { inputs: tensorsOf(rows) }, call);
    return rows.map((_, row) => rowOf(tensors, row));
  };
  return {
    predictBatch,
    async predict(row, call = {}) {
      const [prediction] = await predictBatch([row], call);
      if (prediction === undefined) throw new PredictionError(0, "the reply has no rows", null);
      return prediction;
    },
  };
}
${runtime}${used(tensors + reads)}`;
}

/** Unused functions would be an error in projects that look for them. */
function used(calls: string): string {
  return Object.entries(helpers)
    .filter(([name]) => calls.includes(`${name}(`))
    .map(([, source]) => source)
    .join("");
}

function inputType(port: ClientPort): string {
  const one = elementType(port) + (isNullable(port) ? " | null" : "");
  return port.width === 1 ? one : `readonly (${one})[]`;
}

function elementType({ datatype, type }: ClientPort): string {
  if (datatype === "BYTES") return "string";
  if (datatype === "BOOL") return "boolean";
  return type === "date" || type === "timestamp" ? "Date" : "number";
}

function outputType(port: ClientPort): string {
  const one = elementType(port);
  return port.width === 1 ? one : `readonly [${new Array<string>(port.width).fill(one).join(", ")}]`;
}

function tensor(port: ClientPort): string {
  const value = `row[${JSON.stringify(port.name)}]`;
  const one = (element: string): string =>
    elementType(port) === "Date" ? `${port.type === "date" ? "days" : "microseconds"}(${element})` : element;
  const data =
    port.width === 1 ? `rows.map((row) => ${one(value)})` : `rows.flatMap((row) => ${value}.map((element) => ${one("element")}))`;
  return `tensor(${JSON.stringify(port.name)}, ${JSON.stringify(port.datatype)}, [${port.shape.slice(1).join(", ")}], ${data})`;
}

function read(port: ClientPort): string {
  const as = port.datatype === "BYTES" ? "textOf" : port.datatype === "BOOL" ? "booleanOf" : "numberOf";
  const name = JSON.stringify(port.name);
  if (port.width === 1) return `${as}(at(${name}, row))`;
  return `[${Array.from({ length: port.width }, (_, element) => `${as}(at(${name}, row * ${port.width} + ${element}))`).join(", ")}]`;
}

function comment({ type, datatype }: ClientPort): string {
  if (type === "date") return "  /** A day, in UTC. */\n";
  if (type === "timestamp") return "  /** An instant. */\n";
  return datatype.startsWith("INT") || datatype.startsWith("UINT") ? "  /** A whole number. */\n" : "";
}

/** Text that cannot leave its line or comment. */
function oneLine(text: string): string {
  return text.replaceAll(/[\r\n\u2028\u2029]/g, " ").replaceAll("*/", "* /");
}

function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) && name !== "__proto__" ? name : JSON.stringify(name);
}

function pascal(name: string): string {
  const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  const joined = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
  return /^[A-Za-z]/.test(joined) ? joined : `Endpoint${joined}`;
}

function camel(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
