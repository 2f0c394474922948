import type { Registry as Metrics } from "prom-client";
import type { Definition, EndpointNode, EnvironmentNode } from "../define/node.ts";
import type { Registry } from "../registry/registry.ts";
import type { Edge } from "../serve/edge.ts";
import type { Engine } from "../systems/roles.ts";
import type { Journal } from "./journal.ts";
import type { StatePaths } from "./state.ts";

/** What `up` has opened for those that serve its endpoints. */
export interface ServingContext {
  readonly definition: Definition;
  readonly environment: EnvironmentNode;
  /** The platform file's folder. */
  readonly directory: string;
  readonly endpoints: readonly EndpointNode[];
  readonly edge: Edge;
  readonly metrics: Metrics;
  readonly registry: Registry;
  readonly journal: Journal;
  readonly paths: StatePaths;
  readonly engine: Engine;
  readonly grpcPort: number | undefined;
  /** Whether clients may load and unload versions by request. */
  readonly control: boolean;
  /** How often it is seen whether there are new predictions or labels to look at; null for the usual. */
  readonly everySeconds: number | null;
  note(text: string): void;
}

/** Endpoints that answer. */
export interface Serving {
  readonly http: string;
  /** `host:port`, where gRPC is offered. */
  readonly grpc?: string;
  /** Answers what has been asked, then ends. */
  stop(): Promise<void>;
}
