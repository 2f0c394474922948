import { InferenceSession, Tensor } from "onnxruntime-node";
import { clock } from "./call.ts";
import { datatypeOfOnnx, zeros } from "./datatype.ts";
import type { Data } from "./datatype.ts";
import type { Port, Signature } from "./signature.ts";

/** A model that is loaded in this thread; `run` blocks the thread while ONNX Runtime computes. */
export interface Session {
  readonly signature: Signature;
  /** What two rows took when the model was warm. */
  readonly milliseconds: number;
  /** Inputs and outputs are in the signature's order; an output is texts, or the bytes of its elements. */
  run(inputs: readonly Data[], rows: number): Promise<readonly (string[] | ArrayBufferView)[]>;
  release(): Promise<void>;
}

const probeRows = 2;

/**
 * Loads an ONNX model and runs it twice on two rows of zeros and empty texts, which warms it and shows what its outputs are.
 * @throws Error when the model cannot be batched: the first dimension of every input and output must be free and the rows, the others fixed
 */
export async function openSession(model: Uint8Array): Promise<Session> {
  const session = await InferenceSession.create(model, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: "sequential",
    // Fatal only: what fails is thrown, and a line on stderr would show values of requests.
    logSeverityLevel: 4,
  });
  const inputs = session.inputMetadata.map(inputPort);
  const probe = inputs.map((port) =>
    port.datatype === "BYTES" ? new Array<string>(probeRows * port.width).fill("") : zeros(port.datatype, probeRows * port.width),
  );
  const first = await session.run(feeds(inputs, probe, probeRows));
  const outputs = session.outputNames.map((name) => outputPort(name, first[name]));
  const began = clock();
  await session.run(feeds(inputs, probe, probeRows));
  return {
    milliseconds: clock() - began,
    signature: { inputs, outputs },
    async run(data, rows) {
      const results = await session.run(feeds(inputs, data, rows));
      return outputs.map((port) => {
        const tensor = results[port.name];
        if (
          tensor === undefined ||
          tensor.dims.length !== port.shape.length ||
          tensor.dims.some((size, axis) => size !== (axis === 0 ? rows : port.shape[axis]))
        ) {
          throw new Error(`output '${port.name}' has the shape [${tensor?.dims.join(",") ?? ""}] for ${rows} rows`);
        }
        return tensor.data;
      });
    },
    release: () => session.release(),
  };
}

function inputPort(metadata: InferenceSession.ValueMetadata): Port {
  if (!metadata.isTensor) throw new Error(`input '${metadata.name}' is no tensor`);
  const datatype = datatypeOfOnnx(metadata.type);
  if (datatype === null) throw new Error(`input '${metadata.name}' is of the type ${metadata.type}, which is not served`);
  const [first, ...rest] = metadata.shape;
  if (first === undefined || (typeof first === "number" && first >= 0) || rest.some((size) => typeof size !== "number" || size < 1)) {
    throw new Error(
      `input '${metadata.name}' has the shape [${metadata.shape.join(",")}]; only its first dimension, the rows, may be free`,
    );
  }
  return port(metadata.name, datatype, rest.map(Number));
}

function outputPort(name: string, tensor: Tensor | undefined): Port {
  const datatype = tensor === undefined ? null : datatypeOfOnnx(tensor.type);
  if (tensor === undefined || datatype === null)
    throw new Error(`output '${name}' is of the type ${tensor?.type ?? "unknown"}, which is not served`);
  const [rows, ...rest] = tensor.dims;
  if (rows !== probeRows) throw new Error(`output '${name}' has the shape [${tensor.dims.join(",")}] for ${probeRows} rows`);
  return port(name, datatype, rest);
}

function port(name: string, datatype: Port["datatype"], rest: readonly number[]): Port {
  return Object.freeze({ name, datatype, shape: [-1, ...rest], width: rest.reduce((product, size) => product * size, 1) });
}

function feeds(ports: readonly Port[], data: readonly Data[], rows: number): Record<string, Tensor> {
  const tensors: Record<string, Tensor> = {};
  ports.forEach((each, index) => {
    tensors[each.name] = tensorOf(each, data[index] ?? [], rows);
  });
  return tensors;
}

function tensorOf({ datatype, shape }: Port, data: Data, rows: number): Tensor {
  const dims = [rows, ...shape.slice(1)];
  if (Array.isArray(data)) return new Tensor("string", data, dims);
  if (datatype === "BOOL" && data instanceof Uint8Array) return new Tensor("bool", data, dims);
  return new Tensor(data, dims);
}
