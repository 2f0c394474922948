import { packageVersion } from "../../version.ts";
import type { Datatype } from "../datatype.ts";
import { datatypes } from "../datatype.ts";
import type { Port } from "../signature.ts";
import { isNullable, type ClientPort, type EndpointDescription } from "./description.ts";

type Schema = Readonly<Record<string, unknown>>;

export interface OpenapiOptions {
  /** Where the server is; absent: where the document comes from. */
  readonly url?: string;
  /** Whether a key is asked for. */
  readonly keys: boolean;
}

/** What the server answers over HTTP in JSON, each endpoint with its own tensors, as OpenAPI 3.1. */
export function openapi(endpoints: readonly EndpointDescription[], { url, keys }: OpenapiOptions): Schema {
  return {
    openapi: "3.1.0",
    info: {
      title: endpoints.length === 1 && endpoints[0] !== undefined ? endpoints[0].endpoint : "Millwright inference",
      version: endpoints.length === 1 && endpoints[0] !== undefined ? endpoints[0].version : packageVersion(),
      description: "Open Inference Protocol (KServe v2), JSON tensors.",
    },
    servers: [{ url: url ?? "/" }],
    ...(keys ? { security: [{ key: [] }] } : {}),
    paths: Object.assign({}, serverPaths(), ...endpoints.map(endpointPaths)),
    components: {
      schemas: {
        Error: object({ error: { type: "string", description: "What is wrong." } }, ["error"]),
        ...Object.fromEntries(endpoints.flatMap(schemasOf)),
      },
      responses: {
        Refused: {
          description: "What is wrong with the request, or why the server cannot answer it now.",
          ...json({ $ref: "#/components/schemas/Error" }),
        },
      },
      ...(keys ? { securitySchemes: { key: { type: "http", scheme: "bearer" } } } : {}),
    },
  };
}

function serverPaths(): Schema {
  const open = (operationId: string, summary: string, answers: Schema): Schema => ({
    get: { operationId, summary, security: [], responses: answers },
  });
  const empty = (description: string): Schema => ({ description });
  return {
    "/v2": {
      get: {
        operationId: "server",
        summary: "The server's name, version and extensions.",
        responses: { 200: { description: "The server.", ...json({ type: "object" }) }, default: refused },
      },
    },
    "/v2/health/live": open("live", "Whether the server lives.", { 200: empty("It does.") }),
    "/v2/health/ready": open("ready", "Whether every model can answer.", {
      200: empty("They can."),
      503: empty("One cannot, or the server is stopping."),
    }),
  };
}

const refused: Schema = { $ref: "#/components/responses/Refused" };

function endpointPaths({ endpoint }: EndpointDescription): Schema {
  const base = `/v2/models/${encodeURIComponent(endpoint)}`;
  const id = identifier(endpoint);
  const retry: Schema = { headers: { "Retry-After": { description: "Seconds.", schema: { type: "integer" } } } };
  const later = (description: string): Schema => ({ description, ...retry, ...json({ $ref: "#/components/schemas/Error" }) });
  return {
    [base]: {
      get: {
        operationId: `describe_${id}`,
        summary: `Inputs and outputs of ${endpoint}.`,
        responses: { 200: { description: "The model.", ...json({ type: "object" }) }, default: refused },
      },
    },
    [`${base}/infer`]: {
      post: {
        operationId: `infer_${id}`,
        summary: `Predictions of ${endpoint}.`,
        parameters: [
          {
            name: "timeout",
            in: "header",
            required: false,
            description: "Microseconds after which the answer is no longer wanted.",
            schema: { type: "integer", minimum: 0 },
          },
        ],
        requestBody: { required: true, ...json({ $ref: `#/components/schemas/${id}_request` }) },
        responses: {
          200: { description: "A prediction for each row.", ...json({ $ref: `#/components/schemas/${id}_response` }) },
          400: refused,
          401: refused,
          403: refused,
          404: refused,
          413: refused,
          422: refused,
          429: later("This caller asks too often."),
          503: later("Too many rows wait, or a thread has just been lost."),
          504: refused,
          default: refused,
        },
      },
    },
  };
}

function schemasOf({ endpoint, inputs, outputs }: EndpointDescription): (readonly [string, Schema])[] {
  const id = identifier(endpoint);
  return [
    [
      `${id}_request`,
      object(
        {
          id: { type: "string", maxLength: 200, description: "Comes back, and stands in the log of predictions." },
          parameters: object({ timeout: { type: "integer", minimum: 0, description: "Microseconds." } }, []),
          inputs: {
            type: "array",
            description: `Each once, all with the same number of rows: ${inputs.map(({ name }) => name).join(", ")}.`,
            minItems: inputs.length,
            maxItems: inputs.length,
            items: { oneOf: inputs.map(inputSchema) },
          },
          outputs: {
            type: "array",
            description: "Those that are wanted; all of them when none are named.",
            items: object({ name: { enum: outputs.map(({ name }) => name) } }, ["name"]),
          },
        },
        ["inputs"],
      ),
    ],
    [
      `${id}_response`,
      object(
        {
          model_name: { const: endpoint },
          model_version: { type: "string" },
          id: { type: "string" },
          outputs: { type: "array", items: { oneOf: outputs.map(outputSchema) } },
        },
        ["model_name", "model_version", "id", "outputs"],
      ),
    ],
  ];
}

function inputSchema(port: ClientPort): Schema {
  const meaning =
    port.type === "date"
      ? { description: "Days since 1970-01-01." }
      : port.type === "timestamp"
        ? { description: "Microseconds since 1970-01-01 in UTC." }
        : {};
  return tensorSchema(port, { ...element(port.datatype, isNullable(port)), ...meaning }, 1);
}

/** NaN and the infinities are null. */
function outputSchema(port: Port): Schema {
  return tensorSchema(port, element(port.datatype, datatypes[port.datatype].kind === "float"), 0);
}

function tensorSchema({ name, datatype, shape }: Port, items: Schema, leastRows: number): Schema {
  const dimensions = shape.map((size, axis) => (axis === 0 ? { type: "integer", minimum: leastRows } : { const: size }));
  return object(
    {
      name: { const: name },
      datatype: { const: datatype },
      shape: { type: "array", prefixItems: dimensions, items: false, minItems: shape.length },
      data: { type: "array", items },
    },
    ["name", "datatype", "shape", "data"],
  );
}

/** JSON's numbers hold whole numbers exactly up to 2^53. */
function element(datatype: Datatype, nullable: boolean): Schema {
  const { kind, least, greatest } = datatypes[datatype];
  const type = kind === "bytes" ? "string" : kind === "boolean" ? "boolean" : kind === "integer" ? "integer" : "number";
  const bounds =
    kind === "integer" ? { minimum: Math.max(least, Number.MIN_SAFE_INTEGER), maximum: Math.min(greatest, Number.MAX_SAFE_INTEGER) } : {};
  return { type: nullable ? [type, "null"] : type, ...bounds };
}

function object(properties: Schema, required: readonly string[]): Schema {
  return { type: "object", properties, ...(required.length === 0 ? {} : { required }) };
}

function json(schema: Schema): Schema {
  return { content: { "application/json": { schema } } };
}

/** As the names of components may be. */
function identifier(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9._-]/g, "_");
}
