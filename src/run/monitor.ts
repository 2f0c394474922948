import type { EndpointNode, ModelNode } from "../define/node.ts";
import { MillwrightError } from "../error.ts";
import { readHead } from "../lake/catalog/heads.ts";
import type { WindowPerformance } from "../monitor/performance.ts";
import type { MonitorReport } from "../monitor/report/html.ts";
import { champion, openRegistry } from "../registry/registry.ts";
import type { ModelVersion } from "../registry/version.ts";
import { openJournal, type Journal } from "./journal.ts";
import { daily, look, usualRule, type LookOptions } from "./look.ts";
import { newRunId, type SessionOptions } from "./session.ts";
import { statePaths } from "./state.ts";

export interface MonitorEndpointOptions
  extends
    Pick<SessionOptions, "definition" | "environment" | "directory" | "signal">,
    Pick<LookOptions, "newest" | "judged" | "limits" | "staging"> {
  readonly endpoint: string;
}

/**
 * Looks at an endpoint's stored predictions of the version that it serves: drift against the training rows and performance, window by window.
 * Figures from labels that the journal does not have yet are told to it.
 *
 * @throws MillwrightError `unknown-endpoint`, `no-champion`, `no-predictions`, `no-reference`
 */
export async function monitorEndpoint(options: MonitorEndpointOptions): Promise<MonitorReport> {
  const { definition, environment, directory } = options;
  const paths = statePaths(directory, environment.name);
  const { endpoint, model, version } = subjectOf(options, paths.models);
  if (readHead(paths.state, definition.name, `${endpoint.name}_predictions`) === null)
    throw new MillwrightError({
      code: "no-predictions",
      what: `the endpoint ${endpoint.name} has stored no prediction yet`,
      where: endpoint.origin,
      fix: "serve it with millwright up, and ask it something",
    });
  const found = await look({ ...options, endpoint, model, version });
  const { window, season } = endpoint.monitor ?? daily;
  const size = "rows" in window ? `${window.rows.toLocaleString("en-US")} predictions` : `${window.seconds / 3600} hours`;
  const against = { week: "the training rows of the same hours of the week", year: "the training rows of the same months" };
  const report: MonitorReport = {
    endpoint: endpoint.name,
    version: String(version.version),
    time: new Date(),
    rule: endpoint.drift ?? usualRule,
    windows: `Each window of ${size} is compared with ${season === null ? "the training rows" : against[season]}.`,
    ...found,
  };
  using journal = openJournal(paths.journal);
  tellPerformance(journal, report);
  return report;
}

function subjectOf(
  { definition, endpoint: name }: Pick<MonitorEndpointOptions, "definition" | "endpoint">,
  models: string,
): { readonly endpoint: EndpointNode; readonly model: ModelNode; readonly version: ModelVersion } {
  const endpoint = definition.assets.find((asset): asset is EndpointNode => asset.kind === "endpoint" && asset.name === name);
  if (endpoint === undefined)
    throw new MillwrightError({
      code: "unknown-endpoint",
      what: `the platform has no endpoint '${name}'`,
      fix: `name one of: ${definition.assets.flatMap((asset) => (asset.kind === "endpoint" ? [asset.name] : [])).join(", ")}`,
    });
  const model = definition.assets.find((asset): asset is ModelNode => asset.kind === "model" && asset.name === endpoint.model);
  if (model === undefined)
    throw new MillwrightError({
      code: "no-reference",
      what: `the endpoint ${endpoint.name} serves a model of another registry, whose training rows are not known here`,
      where: endpoint.origin,
      fix: "monitor an endpoint whose model is trained by this platform",
    });
  const registry = openRegistry(models);
  const version = registry.get(model.name, champion);
  registry.close();
  if (version !== null) return { endpoint, model, version };
  throw new MillwrightError({
    code: "no-champion",
    what: `no version of ${model.name} has passed its gate`,
    where: model.origin,
    fix: "run millwright run first",
  });
}

/** One event a window, again only when more of its labels have come. */
function tellPerformance(journal: Journal, { endpoint, version, performance }: MonitorReport): void {
  const told = new Set(
    journal
      .events({ type: "performance.measured", asset: endpoint })
      .map(({ body }) => `${String(body["version"])} ${String(body["from"])} ${String(body["labelled"])}`),
  );
  const run = newRunId();
  const events = performance
    .filter(({ from, labelled }) => labelled > 0 && !told.has(`${version} ${from.toISOString()} ${labelled}`))
    .map((window) => ({ type: "performance.measured" as const, asset: endpoint, run, body: performanceBody(version, window) }));
  journal.appendAll(events);
}

function performanceBody(
  version: string,
  { from, to, rows, labelled, realised, estimated }: WindowPerformance,
): Readonly<Record<string, unknown>> {
  const { auc, logLoss, brier, calibrationError, accuracy } = realised ?? {};
  return {
    version,
    from: from.toISOString(),
    to: to.toISOString(),
    rows,
    labelled,
    figures: { auc, logLoss, brier, calibrationError, accuracy },
    estimated: estimated === null ? null : { auc: estimated.auc, logLoss: estimated.logLoss, accuracy: estimated.accuracy },
  };
}
