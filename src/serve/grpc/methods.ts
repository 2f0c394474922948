import type { Call } from "../call.ts";
import type { Deployments } from "../deployments.ts";
import { describeConfiguration, describeModel, describeServer, describeStatistics } from "../describe.ts";
import { Fault } from "../fault.ts";
import type { Inference } from "../inference.ts";
import type { ModelControl } from "../repository.ts";
import { decode, encode } from "./messages.ts";
import type { Message } from "./messages.ts";
import { parametersOf, parseInferRequest } from "./request.ts";
import { inferResponse } from "./response.ts";

/** What the methods answer from. */
export interface Answering {
  readonly deployments: Deployments;
  readonly inference: Inference;
  readonly control: ModelControl;
  readonly ready: () => boolean;
}

/** A method that has one request and one reply. */
export interface Method {
  readonly request: string;
  readonly reply: string;
  /** Whose request it is: of an endpoint, of the whole server, or anybody's. */
  readonly scope: "endpoint" | "server" | "anybody" | "known";
  answer(request: Message, answering: Answering, call: Call): Promise<object> | object;
}

const text = (message: Message, field: string): string => {
  const value = message[field];
  return typeof value === "string" ? value : "";
};

/** The version that a request names; none is the empty text. */
const versionOf = (message: Message, field = "version"): string | null => text(message, field) || null;

/** The methods of `inference.GRPCInferenceService` that are offered, but for ModelStreamInfer. Others are answered UNIMPLEMENTED. */
export const methods: Readonly<Record<string, Method>> = Object.freeze({
  ServerLive: { request: "Empty", reply: "Flag", scope: "anybody", answer: () => ({ flag: true }) },
  ServerReady: { request: "Empty", reply: "Flag", scope: "anybody", answer: (_, { ready }) => ({ flag: ready() }) },
  ServerMetadata: { request: "Empty", reply: "ServerMetadataResponse", scope: "known", answer: () => describeServer() },
  ModelReady: {
    request: "Named",
    reply: "Flag",
    scope: "endpoint",
    answer: (request, { deployments, ready }) => {
      const endpoint = deployments.get(text(request, "name"));
      const version = versionOf(request);
      const deployment = version === null ? endpoint?.versions[0].deployment : endpoint?.find(version);
      return { flag: ready() && (deployment?.runner.alive() ?? 0) > 0 };
    },
  },
  ModelMetadata: {
    request: "Named",
    reply: "ModelMetadataResponse",
    scope: "endpoint",
    answer: (request, { inference }) => {
      const name = text(request, "name");
      return describeModel(inference.find(name, versionOf(request)), inference.endpoint(name));
    },
  },
  ModelConfig: {
    request: "Named",
    reply: "ModelConfigResponse",
    scope: "endpoint",
    answer: (request, { inference }) => {
      const name = text(request, "name");
      return { config: describeConfiguration(inference.find(name, versionOf(request)), inference.endpoint(name)) };
    },
  },
  ModelStatistics: {
    request: "Named",
    reply: "ModelStatisticsResponse",
    scope: "endpoint",
    answer: (request, { deployments, inference }) => {
      const [name, version] = [text(request, "name"), versionOf(request)];
      const asked =
        name === ""
          ? deployments.all()
          : version === null
            ? inference.endpoint(name).versions.map(({ deployment }) => deployment)
            : [inference.find(name, version)];
      return { model_stats: asked.map(describeStatistics) };
    },
  },
  ModelInfer: {
    request: "ModelInferRequest",
    reply: "ModelInferResponse",
    scope: "endpoint",
    answer: (request, answering, call) => infer(request, answering, call),
  },
  RepositoryIndex: {
    request: "RepositoryIndexRequest",
    reply: "RepositoryIndexResponse",
    scope: "server",
    answer: (request, { control }) => ({ models: control.index(request["ready"] === true) }),
  },
  RepositoryModelLoad: {
    request: "ModelControlRequest",
    reply: "Empty",
    scope: "server",
    async answer(request, { control }) {
      await control.load(text(request, "model_name"), parametersOf(request));
      return {};
    },
  },
  RepositoryModelUnload: {
    request: "ModelControlRequest",
    reply: "Empty",
    scope: "server",
    async answer(request, { control }) {
      await control.unload(text(request, "model_name"), parametersOf(request));
      return {};
    },
  },
});

/** Answers one request of ModelInfer or ModelStreamInfer. @throws Fault */
export async function infer(request: Message, { inference }: Answering, call: Call): Promise<Message> {
  const name = text(request, "model_name");
  const raw = request["raw_input_contents"];
  const inferred = await inference.infer(name, versionOf(request, "model_version"), call, (signature) =>
    parseInferRequest(request, signature),
  );
  return inferResponse(name, inferred, Array.isArray(raw) && raw.length > 0);
}

/** The endpoint that a request is about; null where it is about all. */
export function endpointOf(request: Message): string | null {
  return text(request, "model_name") || text(request, "name") || null;
}

/** Reads a request's bytes. @throws Fault 400 */
export function readMessage(name: string, bytes: Buffer): Message {
  try {
    return decode(name, bytes);
  } catch (error) {
    throw new Fault(400, "bad-message", `the request cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export { encode as writeMessage };
