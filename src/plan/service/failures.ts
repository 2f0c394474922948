import { systemFacts } from "../../systems/catalogue/index.ts";
import { stated } from "../demand.ts";
import { computed, unknown, type Figure } from "../figure.ts";
import type { Failure, Part, PlanInput, SizedPart, Sizing } from "../vocabulary.ts";

/** Kubernetes finds a node lost after 50 s (node-monitor-grace-period) and moves its pods after 300 s more (tolerationSeconds). */
const moved = 350;
/** A process that has ended is started again after this by whatever supervises it (systemd's RestartSec and Kubernetes' first back-off are below it). */
const restarted = 10;
/** A machine of a cloud, from the request until it runs: an assumption. */
export const replaced = 300;

/** What happens when each part breaks: what users of the endpoint or of the tables see, how it heals, and how long that takes. */
export function failuresOf(input: PlanInput, parts: readonly Part[], sizing: Sizing): readonly Failure[] {
  return parts.map((part) =>
    failureOf(
      input,
      part,
      sizing.parts.find((one) => one.part === part.id),
      parts,
    ),
  );
}

function failureOf(input: PlanInput, part: Part, sized: SizedPart | undefined, parts: readonly Part[]): Failure {
  const facts = systemFacts.get(part.system);
  const many = (sized?.replicas.value ?? 1) > 1;
  const managed = facts?.managed === true;
  const cluster = parts.some(({ system }) => system === "kubernetes" || system === "kserve" || system === "seldon");
  const words = wordsOf(input, part, many, cluster);
  return Object.freeze<Failure>({
    part: part.id,
    single: !many && !managed && words.stops,
    breaks: words.breaks,
    userSees: words.userSees,
    heals: words.heals,
    time: words.time,
  });
}

interface Words {
  readonly breaks: string;
  readonly userSees: string;
  readonly heals: string;
  readonly time: Figure;
  /** Whether something stops for users while it is gone. */
  readonly stops: boolean;
}

function time(seconds: number, why: string): Figure {
  return stated("time until it works again", "seconds", seconds, why);
}

function byProvider({ title }: Part): Figure {
  return unknown("time until it works again", "seconds", `${title}'s provider does not say how long`);
}

function wordsOf(input: PlanInput, part: Part, many: boolean, cluster: boolean): Words {
  const managed = systemFacts.get(part.system)?.managed === true;
  const restart = cluster
    ? {
        heals: "Kubernetes starts it on another node",
        time: time(moved, "50 s until a node counts as lost, 300 s until its pods move (Kubernetes' defaults)"),
      }
    : {
        heals: "what supervises the process starts it again",
        time: time(restarted, "back-off of systemd or Kubernetes before a start, at most 10 s"),
      };
  const provider = { heals: "its provider mends it; what waited is tried again", time: byProvider(part) };
  const healed = managed ? provider : restart;
  switch (part.role) {
    case "server":
      return many
        ? { breaks: "a replica stops", userSees: "nothing: requests go to the others, of which enough are left", stops: true, ...restart }
        : { breaks: "the server stops", userSees: "no predictions: connections are refused", stops: true, ...restart };
    case "proxy":
      return {
        breaks: `${part.title} stops`,
        userSees: many ? "nothing: another takes its address" : "no predictions: connections are refused",
        stops: true,
        ...healed,
      };
    case "cache":
      return { breaks: `${part.title} stops`, userSees: "slower answers: every request reaches the server", stops: false, ...healed };
    case "source":
      return {
        breaks: `${part.title} cannot be reached`,
        userSees: "predictions go on; tables stay as they were",
        heals: "the next run goes on from the last position; nothing is read twice",
        time: untilNextRun(input),
        stops: false,
      };
    case "broker":
      return {
        breaks: many ? "a broker stops" : `${part.title} stops`,
        userSees: many ? "nothing: its partitions have copies" : "events wait at their senders",
        stops: true,
        ...healed,
      };
    case "engine":
      return {
        breaks: many ? "an executor is lost" : "the run is killed",
        userSees: "predictions go on; tables are older than they should be",
        heals: many ? "its tasks run again on others" : "the next run goes on from the last commits; half-done work leaves no trace",
        time: many ? restart.time : untilNextRun(input),
        stops: false,
      };
    case "lake":
      return part.system === "local"
        ? {
            breaks: "the disk is lost",
            userSees: "predictions go on until the server restarts; tables are gone",
            heals: "a run makes all tables again from their sources, as far as these still have the rows",
            time: unknown("time until it works again", "seconds", "it is the recovery time"),
            stops: true,
          }
        : {
            breaks: `${part.title} cannot be reached`,
            userSees: "predictions go on; runs and queries fail and are tried again",
            stops: !managed && !many,
            ...healed,
          };
    case "catalog":
      return {
        breaks: `${part.title} stops`,
        userSees: "predictions go on; runs wait",
        heals: part.embedded ? "the next command starts it again from catalog.sqlite" : healed.heals,
        time: healed.time,
        stops: false,
      };
    case "warehouse":
      return {
        breaks: `${part.title} cannot be reached`,
        userSees: "reports fail; predictions go on",
        heals: part.embedded ? "it is loaded again from the lake" : healed.heals,
        time: part.embedded ? untilNextRun(input) : healed.time,
        stops: false,
      };
    case "launcher":
      return {
        breaks: "a training is lost",
        userSees: "nothing: the champion goes on serving",
        heals: "it is submitted again and goes on from its last checkpoint",
        time: untilNextRun(input),
        stops: false,
      };
    case "registry":
    case "tracker":
      return {
        breaks: `${part.title} cannot be reached`,
        userSees: "nothing: the server has its model's file",
        heals: healed.heals,
        time: healed.time,
        stops: false,
      };
    case "journal":
      return {
        breaks: "its file is lost",
        userSees: "nothing",
        heals: "the next run rebuilds it from the commits' own notes; metrics and accesses of before are gone",
        time: untilNextRun(input),
        stops: false,
      };
    case "identity":
      return {
        breaks: `${part.title} stops`,
        userSees: many ? "nothing: another answers" : "nobody new can sign on",
        stops: false,
        ...healed,
      };
    default:
      return { breaks: `${part.title} stops`, userSees: unseen[part.role] ?? "predictions and tables go on", stops: false, ...healed };
  }
}

const unseen: Readonly<Partial<Record<Part["role"], string>>> = {
  orchestrator: "predictions go on; no run is started",
  monitor: "predictions go on; drift is not noticed meanwhile",
  alerts: "predictions go on; nobody is woken",
  dashboard: "no dashboards",
  bi: "no reports",
};

/** Until a run is due. */
function untilNextRun({ definition }: PlanInput): Figure {
  const name = "time until it works again";
  const { schedule } = definition;
  if (schedule === null) return unknown(name, "seconds", "until somebody starts a run: no schedule is declared");
  return computed(name, "seconds", `at most until the next run by '${schedule.text}'`, [], () => schedule.every ?? 86_400);
}
