import { byLines, inBatches, line, named, only, plural } from "./ask.ts";
import type { Found, Ground, Missing } from "./vocabulary.ts";

/** Whom it serves, and what it must reach. */
export function useCase({ definition, plan }: Ground): Found {
  const { domain, purpose, requirements } = definition;
  const examples = examplesOf(inBatches(definition));
  const lacking = examples.filter(([name]) => !requirements.some((one) => one.name.split(".")[0] === name));
  const outcomes = Map.groupBy(plan.requirements, ({ outcome }) => outcome);
  return {
    done: only(
      `platform ${definition.name}`,
      domain !== null && `domain: ${domain}`,
      purpose !== null && `purpose: ${purpose}`,
      requirements.length > 0 &&
        `${plural(requirements.length, "requirement")}: ${[...outcomes].map(([outcome, all]) => `${all.length} ${outcome}`).join(", ")}`,
    ),
    missing: only(
      domain === null &&
        byLines("the domain that it belongs to (healthcare, finance, retail ...)", line(`domain: "retail",`, "platform({")),
      purpose === null &&
        byLines(
          "whom it serves and what changes when it works, in your own words",
          line(`purpose: "who uses the answers, and what they do better with them",`, "platform({"),
        ),
      lacking.length > 0 && requirement(lacking, requirements.length === 0),
    ),
  };
}

type Example = readonly [name: string, text: string];

/** Requirements that every panel asks for, with values to begin from; who makes answers in a batch owes nobody a latency. */
function examplesOf(batch: boolean): readonly Example[] {
  const waits: readonly Example[] = [
    ["serving", `serving: "real-time"`],
    ["latency", `latency: { p50: "20 ms", p99: "200 ms" }`],
    ["requests", `requests: "5/second"`],
  ];
  return [...(batch ? [] : waits), ["volume", `volume: "1 GB/day"`], ["uptime", `uptime: "99%"`], ["budget", `budget: "$5000/month"`]];
}

function requirement(lacking: readonly Example[], none: boolean): Missing {
  const text = lacking.map(([, example]) => example).join(", ");
  return byLines(
    `requirements, with your own values: ${named(
      lacking.map(([name]) => name),
      9,
    )}`,
    none ? line(`requirements: { ${text} },`, "platform({") : line(`${text},`, "requirements: {"),
  );
}
