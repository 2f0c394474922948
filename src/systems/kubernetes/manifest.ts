import { taskVariables, threadVariables } from "../../train/launch/threads.ts";
import type { Job } from "../roles.ts";
import type { DeviceRequest } from "./offer.ts";
import { literal, podScript, variablesFiles, variablesFolder } from "./script.ts";

/** A disk that pods and this machine see under the same path. */
export interface SharedVolume {
  /** A PersistentVolumeClaim of the namespace; null: every node has the disk at that path itself. */
  readonly claim: string | null;
  readonly path: string;
  /** A folder of the claim's disk, without a slash at its beginning; "" for all of it. */
  readonly subPath: string;
}

/** What every pod of a launcher has. */
export interface PodSettings {
  readonly image: string;
  readonly volumes: readonly SharedVolume[];
  readonly serviceAccount: string | null;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly object[];
  readonly priorityClass: string | null;
  readonly pullSecrets: readonly string[];
  /** Of the processes, so that this machine's user may read and remove what they write; null: as the image says. */
  readonly user: { readonly id: number; readonly group: number } | null;
  /** Seconds between SIGTERM and SIGKILL. */
  readonly grace: number;
  /** Seconds for which a node may be silent; null: as the cluster has it. */
  readonly silence: number | null;
  /** Seconds for which a Job that is over is kept. */
  readonly keep: number;
}

/** Labels by which our objects are known. */
export const ours: Readonly<Record<string, string>> = Object.freeze({ "app.kubernetes.io/managed-by": "millwright" });

/** The annotation with the Jobs that must have succeeded before. */
export const afterAnnotation = "millwright/after";

/** The only container of a pod. */
export const containerName = "training";

/**
 * The Job of a job, suspended: it begins when its variables are there, and what it comes after has succeeded. A task is an index, or, of a training on several nodes,
 * `nodes` of them that fail together. No variable's value stands in it.
 */
export function jobManifest(job: Job, name: string, settings: PodSettings, device: DeviceRequest | null): object {
  const { resources, tasks, requeues, after } = job;
  const count = tasks.length * resources.nodes;
  const several = resources.nodes > 1;
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, labels: labelsOf(job), annotations: { [afterAnnotation]: JSON.stringify(after) } },
    spec: {
      suspend: true,
      completionMode: "Indexed",
      completions: count,
      parallelism: count,
      ...(several ? { backoffLimit: 0 } : { backoffLimitPerIndex: requeues }),
      // Two pods of one task would write the same checkpoint.
      podReplacementPolicy: "Failed",
      podFailurePolicy: {
        rules: [
          // Node lost, evicted, preempted.
          { action: several ? "FailJob" : "Count", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
          { action: several ? "FailJob" : "FailIndex", onExitCodes: { containerName, operator: "NotIn", values: [0] } },
        ],
      },
      ttlSecondsAfterFinished: settings.keep,
      template: podTemplate(job, name, settings, device),
    },
  };
}

/** The variables, which belong to the Job and go with it. */
export function secretManifest(job: Job, name: string, uid: string): object {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, labels: labelsOf(job), ownerReferences: [ownerOf(name, uid)] },
    immutable: true,
    stringData: variablesFiles(job),
  };
}

/** By which the pods of one training find each other's names. */
export function serviceManifest(job: Job, name: string, uid: string): object {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, labels: labelsOf(job), ownerReferences: [ownerOf(name, uid)] },
    spec: { clusterIP: "None", publishNotReadyAddresses: true, selector: { "batch.kubernetes.io/job-name": name } },
  };
}

/** What the names of all its objects are for: the asset's name, as labels may be. */
function labelsOf(job: Job): Readonly<Record<string, string>> {
  return { ...ours, "app.kubernetes.io/name": job.name.slice(0, 63).replace(/[^A-Za-z0-9]+$/, "") };
}

function ownerOf(name: string, uid: string): object {
  return { apiVersion: "batch/v1", kind: "Job", name, uid };
}

/** The pods of a Job. */
export function podTemplate(
  job: Job,
  name: string,
  settings: PodSettings,
  device: DeviceRequest | null,
): { metadata: object; spec: object } {
  const { resources } = job;
  const { seconds, nodes } = resources;
  const { image, user, silence } = settings;
  const volumes = settings.volumes.map(({ claim, path }, index) =>
    claim === null
      ? { name: `shared-${index}`, hostPath: { path, type: "Directory" } }
      : { name: `shared-${index}`, persistentVolumeClaim: { claimName: claim } },
  );
  const mounts = settings.volumes.map(({ path, claim, subPath }, index) => ({
    name: `shared-${index}`,
    mountPath: path,
    ...(claim === null || subPath === "" ? {} : { subPath }),
  }));
  const variables = { ...threadVariables(resources.threads ?? 1, false), ...taskVariables };
  return {
    metadata: { labels: labelsOf(job) },
    spec: {
      restartPolicy: "Never",
      terminationGracePeriodSeconds: settings.grace,
      // Of the pod and not of the Job, whose time includes its wait for a node.
      ...(seconds === null ? {} : { activeDeadlineSeconds: Math.ceil(seconds) }),
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      ...(settings.serviceAccount === null ? {} : { serviceAccountName: settings.serviceAccount }),
      ...(settings.priorityClass === null ? {} : { priorityClassName: settings.priorityClass }),
      imagePullSecrets: settings.pullSecrets.map((secret) => ({ name: secret })),
      securityContext: {
        seccompProfile: { type: "RuntimeDefault" },
        ...(user === null ? {} : { runAsUser: user.id, runAsGroup: user.group, runAsNonRoot: user.id !== 0 }),
      },
      ...placement(name, nodes, settings, device),
      tolerations: [
        ...settings.tolerations,
        ...(device === null ? [] : [{ key: device.resource, operator: "Exists", effect: "NoSchedule" }]),
        ...(silence === null
          ? []
          : ["not-ready", "unreachable"].map((condition) => ({
              key: `node.kubernetes.io/${condition}`,
              operator: "Exists",
              effect: "NoExecute",
              tolerationSeconds: silence,
            }))),
      ],
      ...(nodes > 1 ? { subdomain: name } : {}),
      containers: [
        {
          name: containerName,
          image,
          command: ["/bin/sh", "-c", literal(podScript(job, name)), "sh"],
          args: job.command.map(literal),
          workingDir: job.directory,
          env: Object.entries(variables).map(([key, value]) => ({ name: key, value })),
          resources: amounts(job, device),
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
          volumeMounts: [
            ...mounts,
            { name: "variables", mountPath: variablesFolder, readOnly: true },
            // Loaders of data pass batches through it, and 64 MB, the default, are soon full.
            { name: "memory", mountPath: "/dev/shm" },
          ],
        },
      ],
      volumes: [...volumes, { name: "variables", secret: { secretName: name } }, { name: "memory", emptyDir: { medium: "Memory" } }],
    },
  };
}

/** Requests and limits are the same, so that a task gets what it asked for and is the last to be evicted. */
function amounts({ resources }: Job, device: DeviceRequest | null): object {
  const { processesPerNode, threads, memory, accelerators } = resources;
  const all = {
    cpu: String(processesPerNode * (threads ?? 1)),
    ...(memory === null ? {} : { memory: String(Math.ceil(memory * processesPerNode)) }),
    ...(device === null || accelerators === null ? {} : { [device.resource]: String(accelerators.count) }),
  };
  return { requests: all, limits: all };
}

/** The nodes that have the right accelerators, one for each of several pods. */
function placement(name: string, nodes: number, { nodeSelector }: PodSettings, device: DeviceRequest | null): object {
  const labels = Object.entries(device?.labels ?? {});
  const single = Object.fromEntries(labels.flatMap(([key, values]) => (values.length === 1 ? [[key, values[0] ?? ""]] : [])));
  const choice = labels.filter(([, values]) => values.length > 1).map(([key, values]) => ({ key, operator: "In", values }));
  const selector = { ...nodeSelector, ...single };
  const affinity = {
    ...(choice.length === 0
      ? {}
      : { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: choice }] } } }),
    ...(nodes === 1
      ? {}
      : {
          podAntiAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [
              { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { "batch.kubernetes.io/job-name": name } } },
            ],
          },
        }),
  };
  return {
    ...(Object.keys(selector).length === 0 ? {} : { nodeSelector: selector }),
    ...(Object.keys(affinity).length === 0 ? {} : { affinity }),
  };
}
