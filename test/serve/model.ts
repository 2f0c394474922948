import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildGraph } from "../../src/train/onnx/build.ts";
import { encodeModel } from "../../src/train/onnx/proto.ts";
import type { Value } from "../../src/train/onnx/proto.ts";

/** A row of the small model's inputs; null is a missing value. */
export interface Row {
  readonly carrier: string | null;
  readonly distance: number | null;
  readonly day: number;
  readonly night: boolean;
  readonly temp: number | null;
}

const carriers: Readonly<Record<string, number>> = { UA: 0.5, AA: -0.25, DL: 1 };

const inputs: readonly Value[] = [
  { name: "carrier", type: "string", shape: ["N", 1] },
  { name: "distance", type: "double", shape: ["N", 1] },
  { name: "day", type: "int64", shape: ["N", 1] },
  { name: "night", type: "boolean", shape: ["N", 1] },
  { name: "temp", type: "float", shape: ["N", 1] },
];
const outputs: readonly Value[] = [
  { name: "label", type: "int64", shape: ["N"] },
  { name: "probabilities", type: "float", shape: ["N", 2] },
];

/** A model of each input type: a weighted sum and a sigmoid. `bias` tells versions apart; `fragile` makes a day above 31 fail inside the model. */
export function smallModel({ bias = 0, fragile = false }: { readonly bias?: number; readonly fragile?: boolean } = {}): Uint8Array {
  const graph = buildGraph([...inputs, ...outputs].map(({ name }) => name));
  const number = (value: number): string => graph.constant("float", [value]);
  const present = (value: string): string => graph.add("Where", [graph.add("IsNaN", [value]), number(0), value]);
  const day = fragile
    ? graph.add("Gather", [
        graph.constant(
          "float",
          Array.from({ length: 32 }, (_, index) => index),
        ),
        "day",
      ])
    : graph.cast("day", "float");
  const terms = [
    graph.add(
      "LabelEncoder",
      ["carrier"],
      { keys_strings: { texts: Object.keys(carriers) }, values_floats: { floats: Object.values(carriers) }, default_float: { float: -1 } },
      { domain: "ai.onnx.ml" },
    ),
    graph.add("Mul", [present(graph.cast("distance", "float")), number(0.001)]),
    graph.add("Mul", [day, number(0.0625)]),
    graph.cast("night", "float"),
    graph.add("Mul", [present("temp"), number(0.01)]),
    number(bias),
  ];
  const score = terms.reduce((sum, term) => graph.add("Add", [sum, term]));
  const positive = graph.add("Sigmoid", [score]);
  graph.add("Concat", [graph.add("Sub", [number(1), positive]), positive], { axis: { integer: 1 } }, { output: "probabilities" });
  const label = graph.cast(graph.add("GreaterOrEqual", [positive, number(0.5)]), "int64");
  graph.add("Reshape", [label, graph.constant("int64", [-1])], {}, { output: "label" });
  return encodeModel(graph.finish({ name: "small", description: "", inputs, outputs, metadata: {} }));
}

/** The probability of 1 that `smallModel` gives. */
export function expectedProbability(row: Row, bias = 0): number {
  const score =
    (carriers[row.carrier ?? ""] ?? -1) +
    0.001 * (row.distance ?? 0) +
    0.0625 * row.day +
    Number(row.night) +
    0.01 * (row.temp ?? 0) +
    bias;
  return 1 / (1 + Math.exp(-score));
}

/** A row that no other index has. */
export function rowOf(index: number): Row {
  return {
    carrier: ["UA", "AA", "DL", "none of them", null][index % 5] ?? null,
    distance: index % 7 === 0 ? null : index * 3.5,
    day: index % 28,
    night: index % 2 === 0,
    temp: index % 11 === 0 ? null : index / 8,
  };
}

/** The body of a JSON request for the rows. */
export function jsonRequest(
  rows: readonly Row[],
  more: Readonly<Record<string, unknown>> = {},
): { inputs: Record<string, unknown>[] } & Record<string, unknown> {
  const tensor = (name: keyof Row, datatype: string): Record<string, unknown> => ({
    name,
    datatype,
    shape: [rows.length, 1],
    data: rows.map((row) => row[name]),
  });
  return {
    ...more,
    inputs: [
      tensor("carrier", "BYTES"),
      tensor("distance", "FP64"),
      tensor("day", "INT64"),
      tensor("night", "BOOL"),
      tensor("temp", "FP32"),
    ],
  };
}

/** A temporary folder with model files. */
export interface ModelFolder {
  write(name: string, model: Uint8Array): Promise<string>;
  remove(): Promise<void>;
}

export async function modelFolder(): Promise<ModelFolder> {
  const folder = await mkdtemp(join(tmpdir(), "millwright-serve-"));
  return {
    async write(name, model) {
      const file = join(folder, name);
      await writeFile(file, model);
      return file;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A reply to an inference request, as far as the tests read it. */
export interface Answer {
  readonly id: string;
  readonly model_version: string;
  readonly outputs: readonly { readonly name: string; readonly data: readonly number[] }[];
  readonly error?: string;
}

export async function answerOf(reply: Response): Promise<Answer> {
  return JSON.parse(await reply.text());
}

/** The probability of 1 of a row in a reply. */
export function probabilityIn(answer: Answer, row = 0): number {
  return answer.outputs.find(({ name }) => name === "probabilities")?.data[row * 2 + 1] ?? NaN;
}
