import { shellVariables } from "../../train/launch/shell.ts";
import type { Job } from "../roles.ts";

/** Where a container finds the variables of its job: files of a Secret. */
export const variablesFolder = "/etc/millwright";

/** The port on which the processes of one training meet; a pod has all ports for itself. */
const meetingPort = 29_500;

/**
 * What a container runs before the program, which are its arguments: it reads the variables, tells each process its rank, and becomes the program, or starts
 * `processesPerNode` of it and ends with the first that fails; the kernel ends the others with the container.
 *
 * @param name of the Job: its pods find each other by it.
 */
export function podScript({ resources: { nodes, processesPerNode } }: Job, name: string): string {
  const lines = [
    `task=$((JOB_COMPLETION_INDEX / ${nodes})) first=$((JOB_COMPLETION_INDEX % ${nodes} * ${processesPerNode}))`,
    `. ${variablesFolder}/job`,
    `. ${variablesFolder}/task-$task`,
  ];
  if (nodes * processesPerNode === 1) return [...lines, 'exec "$@"'].join("\n");
  const meeting = nodes === 1 ? "127.0.0.1" : `${name}-$((task * ${nodes})).${name}`;
  lines.push(`export WORLD_SIZE=${nodes * processesPerNode} MASTER_ADDR=${meeting} MASTER_PORT=${meetingPort}`);
  if (processesPerNode === 1) return [...lines, "export RANK=$first LOCAL_RANK=0", 'exec "$@"'].join("\n");
  return [
    ...lines,
    `own=0 running=
trap 'kill -TERM $running' TERM
while [ $own -lt ${processesPerNode} ]; do
  RANK=$((first + own)) LOCAL_RANK=$own "$@" &
  running="$running $!" own=$((own + 1))
done
while [ -n "$running" ]; do
  left=
  for process in $running; do
    if kill -0 $process 2>/dev/null; then left="$left $process"; else wait $process || exit $?; fi
  done
  running=$left
  [ -z "$left" ] || sleep 1
done`,
  ].join("\n");
}

/** The variables of a job and of each of its tasks, as the script reads them. @throws MillwrightError `bad-variable` */
export function variablesFiles(job: Job): Readonly<Record<string, string>> {
  const tasks = job.tasks.map((variables, task) => [`task-${task}`, shellVariables(variables)]);
  return { job: shellVariables(job.variables), ...Object.fromEntries(tasks) };
}

/** A text as it stands in `command`, `args` or `env` of a container, where `$(NAME)` would be replaced. */
export function literal(text: string): string {
  return text.replaceAll("$", "$$$$");
}
