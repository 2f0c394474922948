/** What kwok is told to play. It runs nothing: a pod whose program is `played` goes the way that its next argument names. */
type Stage = Readonly<Record<string, unknown>>;

const now = "{{ Now | Quote }}";
const began = "{{ (index .status.containerStatuses 0).state.running.startedAt | Quote }}";

/** A stage of pods that nobody has deleted, unless `selector` says otherwise; each expression is `[jq, operator, ...values]`. */
function stage(
  name: string,
  selector: readonly (readonly [string, string, ...string[]])[],
  next: Readonly<Record<string, unknown>>,
): Stage {
  return {
    apiVersion: "kwok.x-k8s.io/v1alpha1",
    kind: "Stage",
    metadata: { name },
    spec: {
      resourceRef: { apiGroup: "v1", kind: "Pod" },
      selector: {
        matchExpressions: selector.map(([key, operator, ...values]) => ({ key, operator, ...(values.length === 0 ? {} : { values }) })),
      },
      next,
    },
  };
}

/** The status of a pod whose only container has ended. */
function ended(phase: "Succeeded" | "Failed", exitCode: string, reason: string, more: string = ""): { readonly statusTemplate: string } {
  return {
    statusTemplate: `phase: ${phase}
containerStatuses:
- name: {{ (index .spec.containers 0).name | Quote }}
  image: {{ (index .spec.containers 0).image | Quote }}
  ready: false
  restartCount: 0
  started: false
  state:
    terminated:
      exitCode: ${exitCode}
      reason: ${reason}
      startedAt: ${began}
      finishedAt: ${now}
${more}`,
  };
}

const kept = [".metadata.deletionTimestamp", "DoesNotExist"] as const;
const running = [".status.phase", "In", "Running"] as const;
const program = [".spec.containers.[0].args.[0]", "In", "played"] as const;
const played = (how: string) => [".spec.containers.[0].args.[1]", "In", how] as const;
const failures = '.metadata.annotations["batch.kubernetes.io/job-index-failure-count"]';
const evicted = ended(
  "Failed",
  "137",
  "Error",
  `reason: Evicted
message: "The node was low on resource: memory."
conditions:
- type: DisruptionTarget
  status: "True"
  reason: TerminationByKubelet
  message: "The node was low on resource: memory."
  lastTransitionTime: ${now}
`,
);

/**
 * A pod runs at once; `played succeed`, `played fail 7`, `played out-of-memory`, `played too-long` and `played evicted` end it so, `played evicted-once` is evicted the first
 * time and succeeds the second, and anything else runs until it is deleted. What is deleted ends as a kubelet ends it: with SIGTERM, and is then gone.
 */
export const stages: readonly Stage[] = [
  stage("running", [kept, [".status.podIP", "DoesNotExist"]], {
    statusTemplate: `phase: Running
startTime: ${now}
hostIP: {{ NodeIPWith .spec.nodeName | Quote }}
podIP: {{ PodIPWith .spec.nodeName false ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) | Quote }}
conditions:
- { type: Initialized, status: "True", lastTransitionTime: ${now} }
- { type: Ready, status: "True", lastTransitionTime: ${now} }
- { type: ContainersReady, status: "True", lastTransitionTime: ${now} }
containerStatuses:
- name: {{ (index .spec.containers 0).name | Quote }}
  image: {{ (index .spec.containers 0).image | Quote }}
  ready: true
  restartCount: 0
  started: true
  state:
    running:
      startedAt: ${now}
`,
  }),
  stage("succeed", [kept, running, program, played("succeed")], ended("Succeeded", "0", "Completed")),
  stage("fail", [kept, running, program, played("fail")], ended("Failed", "{{ index (index .spec.containers 0).args 2 }}", "Error")),
  stage("out-of-memory", [kept, running, program, played("out-of-memory")], ended("Failed", "137", "OOMKilled")),
  stage(
    "too-long",
    [kept, running, program, played("too-long")],
    ended("Failed", "143", "Error", 'reason: DeadlineExceeded\nmessage: "Pod was active on the node longer than the specified deadline"\n'),
  ),
  stage("evicted", [kept, running, program, played("evicted")], evicted),
  stage("evicted-first", [kept, running, program, played("evicted-once"), [failures, "In", "0"]], evicted),
  stage("succeed-second", [kept, running, program, played("evicted-once"), [failures, "In", "1"]], ended("Succeeded", "0", "Completed")),
  stage("terminate", [[".metadata.deletionTimestamp", "Exists"], running], ended("Failed", "143", "Error")),
  stage(
    "delete",
    [
      [".metadata.deletionTimestamp", "Exists"],
      [".status.phase", "NotIn", "Running"],
    ],
    { delete: true },
  ),
];
