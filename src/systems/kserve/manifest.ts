import { MillwrightError } from "../../error.ts";

/** What every InferenceService of a binding has. */
export interface ServiceSettings {
  /** With Knative, which divides requests and can scale to zero; or by Deployments of Kubernetes alone. */
  readonly mode: "serverless" | "raw";
  /** A serving runtime by name; null: KServe chooses one for ONNX. */
  readonly runtime: string | null;
  readonly serviceAccount: string | null;
  /** Requests and limits of a replica: `{ cpu: "2", memory: "4Gi", "nvidia.com/gpu": "1" }`. */
  readonly resources: Readonly<Record<string, string>>;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly scale: ScaleSettings;
}

export interface ScaleSettings {
  readonly min: number;
  /** Null: KServe's own. */
  readonly max: number | null;
  readonly metric: "concurrency" | "rps" | "cpu" | "memory" | null;
  /** Of the metric, for each replica: requests at once, requests a second, or per cent of what a replica asks for. */
  readonly target: number | null;
  /** Requests at once that a replica takes at most; null: as many as come. */
  readonly concurrency: number | null;
}

/** An InferenceService as the API server has it: what is read of it. */
export interface InferenceService {
  readonly metadata: {
    readonly name: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly predictor: { readonly canaryTrafficPercent?: number; readonly model?: { readonly storageUri?: string } } };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly message?: string;
      readonly reason?: string;
    }[];
    readonly components?: {
      readonly predictor?: {
        readonly latestCreatedRevision?: string;
        readonly latestReadyRevision?: string;
        readonly traffic?: readonly { readonly revisionName?: string; readonly latestRevision?: boolean; readonly percent?: number }[];
      };
    };
    readonly modelStatus?: {
      readonly transitionStatus?: string;
      readonly lastFailureInfo?: { readonly reason?: string; readonly message?: string };
    };
  };
}

/** Written when a version comes, and never between: a change of annotations is a new revision to Knative. */
export const annotations = {
  /** The endpoint, whose name may hold letters that a name of Kubernetes may not. */
  endpoint: "millwright/endpoint",
  /** The version that had all requests when the newest one came: the one that Knative goes back to. */
  base: "millwright/base-version",
  /** The newest revision before this version: until there is another, status speaks of that. */
  before: "millwright/revision-before",
} as const;

/** The name of an endpoint's InferenceService. @throws MillwrightError `bad-name` */
export function serviceName(endpoint: string): string {
  const name = endpoint.toLowerCase().replaceAll(/[_.]/g, "-");
  if (/^[a-z]([-a-z0-9]{0,40}[a-z0-9])?$/.test(name)) return name;
  throw new MillwrightError({
    code: "bad-name",
    what: `'${endpoint}' cannot be the name of an InferenceService, which begins with a letter, has letters, digits and '-', and at most 42 of them`,
    fix: "name the endpoint otherwise",
  });
}

/** What of the InferenceService changes when a version comes. */
export function versionOf(
  settings: ServiceSettings,
  version: {
    readonly endpoint: string;
    readonly uri: string;
    readonly base: string | null;
    readonly before: string | null;
    readonly percent: number | null;
  },
): { readonly metadata: object; readonly spec: object } {
  const { scale, mode, resources } = settings;
  const perReplica = Object.keys(resources).length === 0 ? {} : { resources: { requests: resources, limits: resources } };
  // Knative's own autoscaler counts requests; the usual one counts what pods use.
  const horizontal = scale.metric === "cpu" || scale.metric === "memory";
  return {
    metadata: {
      labels: { "app.kubernetes.io/managed-by": "millwright" },
      annotations: {
        "serving.kserve.io/deploymentMode": mode === "raw" ? "RawDeployment" : "Serverless",
        ...(mode === "raw" ? { "serving.kserve.io/autoscalerClass": "hpa" } : {}),
        ...(mode === "serverless" && horizontal ? { "autoscaling.knative.dev/class": "hpa.autoscaling.knative.dev" } : {}),
        [annotations.endpoint]: version.endpoint,
        [annotations.base]: version.base,
        [annotations.before]: version.before,
      },
    },
    spec: {
      predictor: {
        minReplicas: scale.min,
        maxReplicas: scale.max,
        scaleMetric: scale.metric,
        scaleTarget: scale.target,
        containerConcurrency: scale.concurrency,
        canaryTrafficPercent: version.percent,
        serviceAccountName: settings.serviceAccount,
        nodeSelector: Object.keys(settings.nodeSelector).length === 0 ? null : settings.nodeSelector,
        model: { modelFormat: { name: "onnx" }, protocolVersion: "v2", runtime: settings.runtime, storageUri: version.uri, ...perReplica },
      },
    },
  };
}

/** Without what is null, which a patch removes and a new object does not have. */
export function withoutNulls(value: object): object {
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, part]: [string, unknown]) =>
      part === null ? [] : [[name, typeof part === "object" && part !== undefined && !Array.isArray(part) ? withoutNulls(part) : part]],
    ),
  );
}

/** A whole InferenceService. */
export function serviceManifest(name: string, version: { readonly metadata: object; readonly spec: object }): object {
  return withoutNulls({
    apiVersion: "serving.kserve.io/v1beta1",
    kind: "InferenceService",
    metadata: { name, ...version.metadata },
    spec: version.spec,
  });
}

/** The number of the version that an InferenceService was last given. */
export function newestVersion(service: InferenceService): string {
  return service.spec.predictor.model?.storageUri?.split("/").at(-1) ?? "";
}

function isRaw(service: InferenceService): boolean {
  return service.metadata.annotations?.["serving.kserve.io/deploymentMode"] === "RawDeployment";
}

/** What is another one as soon as status speaks of another version: Knative's revision, or the generation of the Deployment. */
export function revisionOf(service: InferenceService | null): string | null {
  if (service === null) return null;
  const { observedGeneration, components } = service.status ?? {};
  return (isRaw(service) ? observedGeneration?.toString() : components?.predictor?.latestCreatedRevision) ?? null;
}

/** What status says of the newest version: whether it answers, and why not. */
export function newestState(service: InferenceService): { readonly ready: boolean; readonly failure: string | null } {
  const { conditions = [], components, modelStatus } = service.status ?? {};
  const revision = revisionOf(service);
  // That of an earlier version says nothing of this one.
  const current = revision !== null && revision !== (service.metadata.annotations?.[annotations.before] ?? null);
  const loaded = isRaw(service) ? modelStatus?.transitionStatus === "UpToDate" : components?.predictor?.latestReadyRevision === revision;
  const failed = modelStatus?.transitionStatus === "BlockedByFailedLoad" || modelStatus?.transitionStatus === "InvalidSpec";
  const info = modelStatus?.lastFailureInfo;
  const condition = conditions.find(({ type }) => type === "PredictorReady");
  return {
    ready: current && loaded && condition?.status === "True",
    failure: failed && current ? [info?.reason, info?.message].filter((part) => part !== undefined).join(": ") || "it did not load" : null,
  };
}

/** How many of 100 requests the newest version gets, as the route has it now. */
export function newestPercent(service: InferenceService): number {
  const traffic = service.status?.components?.predictor?.traffic ?? [];
  if (traffic.length === 0) return service.spec.predictor.canaryTrafficPercent ?? 100;
  return traffic.filter(({ latestRevision }) => latestRevision === true).reduce((sum, { percent = 0 }) => sum + percent, 0);
}
