import { figureText } from "../../plan/figure-text.ts";
import { assetsOf, byCommand, byLines, environmentLine, inBatches, line, named, only, runs, variable } from "./ask.ts";
import type { Found, Ground } from "./vocabulary.ts";

/** Endpoints, where everything stands, and that an answer was measured. */
export function deployment(ground: Ground): Found {
  const { definition, plan } = ground;
  const endpoints = assetsOf(definition, "endpoint");
  const measured = endpoints.filter(({ name }) => Object.hasOwn(plan.measurements.endpoints, name));
  const unmeasured = endpoints.filter((one) => !measured.includes(one)).map(({ name }) => name);
  const place = definition.environments[plan.environment]?.place ?? null;
  const { monthly, known } = plan.cost.chosen;
  const [model] = [...assetsOf(definition, "model"), ...assetsOf(definition, "imported-model")];
  return {
    done: only(
      endpoints.length === 0 && inBatches(definition) && "answers are made in batches: nobody waits for one",
      endpoints.length > 0 && `endpoints: ${named(endpoints.map(({ name }) => name))}`,
      place !== null && `environment ${plan.environment} stands at ${plan.cost.chosen.name}`,
      place !== null && `a month costs ${monthly.value === null ? `at least ${figureText(known)}` : figureText(monthly)}`,
      plan.service.uptime.value !== null && `uptime ${figureText(plan.service.uptime)}`,
      ...measured.map(({ name }) => {
        const p99 = plan.measurements.endpoints[name]?.p99;
        return p99 === undefined ? null : `${name} answers in ${figureText(p99)} at p99`;
      }),
    ),
    missing: only(
      endpoints.length === 0 &&
        !inBatches(definition) &&
        byLines(
          "an endpoint that answers with a model",
          line(`import { endpoint } from "millwright";`, null),
          line(`endpoint("answers", { model: ${variable(model?.name ?? "prediction")}, drift: "psi > 0.2" }),`, "assets: ["),
        ),
      place === null &&
        byLines(
          `where the environment ${plan.environment} stands, so that machines, prices and zones are known`,
          line(`place: { provider: "aws", region: "us-east-1", zones: 2 },`, environmentLine(ground)),
        ),
      unmeasured.length > 0 && byCommand(`a release of ${named(unmeasured)}, which measures its latency`, runs(ground)),
    ),
  };
}
