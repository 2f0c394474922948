import { assetsOf, byCommand, byLines, environmentLine, line, millwright, named, only } from "./ask.ts";
import type { Found, Ground } from "./vocabulary.ts";

/** Where the files that operate the platform are written. */
export const operations = "operations";

/** What is watched, who is told, and what is kept of what happened. */
export function monitoring(ground: Ground): Found {
  const { definition, plan, folder } = ground;
  const unwatched = assetsOf(definition, "endpoint").filter(({ drift }) => drift === null);
  const watched = assetsOf(definition, "endpoint").filter(({ drift }) => drift !== null);
  const systems = plan.parts.filter(({ group }) => group === "monitoring" || group === "governance");
  const bound = plan.parts.some(({ role, embedded }) => role === "monitor" && !embedded);
  const imported = Object.values(definition.environments).some(({ bindings }) =>
    Object.values(bindings).some(({ system }) => system === "prometheus"),
  );
  const written = folder.files.includes(`${operations}/monitoring`);
  return {
    done: only(
      systems.length > 0 && `kept by ${named(systems.map(({ title }) => title))}`,
      watched.length > 0 && `drift of ${named(watched.map(({ name }) => name))} is watched`,
      written && `rules, alerts and dashboards stand in ${operations}/monitoring`,
    ),
    missing: only(
      ...unwatched.map(({ name }) =>
        byLines(`a limit of drift for the endpoint ${name}`, line(`drift: "psi > 0.2",`, `endpoint(${JSON.stringify(name)}, {`)),
      ),
      !bound &&
        byLines(
          "a system that collects what is measured",
          ...(imported ? [] : [line(`import { prometheus } from "millwright/systems";`, null)]),
          line(`monitor: prometheus({ targets: ["127.0.0.1:8080"] }),`, environmentLine(ground)),
        ),
      !written &&
        byCommand("the rules, alerts and dashboards that operate it", millwright(ground, "render", "monitoring", "--out", operations)),
    ),
  };
}
