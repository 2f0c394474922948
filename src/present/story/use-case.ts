import type { Definition, EndpointNode, ModelNode, ImportedModelNode } from "../../define/node.ts";
import type { PlatformPlan } from "../../plan/vocabulary.ts";
import { asked, requirementPhrase } from "./names.ts";
import { code, declared, say, shown } from "./say.ts";
import type { DraftBlock, DraftSection, DraftText } from "./vocabulary.ts";
import { counted, listed, listedText, sentence, withArticle } from "./words.ts";

/** What the platform is for: a person's words, what it predicts, and the data that it is made from. */
export function useCaseSection(definition: Definition, plan: PlatformPlan): DraftSection {
  return {
    title: "Use case",
    blocks: [
      ...purposeBlocks(definition),
      { kind: "paragraph", text: [...predictionText(definition, plan), " ", ...dataText(definition, plan)] },
      ...givenBlocks(plan),
    ],
  };
}

/** Why it is there, which only a person can say. */
export function purposeBlocks({ purpose, name, origin }: Definition): readonly DraftBlock[] {
  if (purpose !== null) return [{ kind: "paragraph", text: [sentence(purpose)] }];
  return [
    {
      kind: "callout",
      status: "open",
      title: "Purpose: OPEN",
      text: say`Nobody has written down whom ${name} serves and what changes when it works. Add purpose: "..." to platform(...) at ${declared(`platform.ts:${origin.line}`, origin)}.`,
    },
  ];
}

/** What it answers, with which model, and how good that is. */
export function predictionText(definition: Definition, plan: PlatformPlan): DraftText {
  const { assets, domain, name } = definition;
  const what = domain === null ? "platform" : `${domain} platform`;
  const endpoints = assets.filter((asset) => asset.kind === "endpoint");
  const opening = `${name} is ${withArticle(what)}`;
  if (endpoints.length === 0)
    return say`${opening}. It makes ${counted(assets.filter(({ kind }) => kind === "table").length, "table")} and serves no model.`;
  return [`${opening}. `, ...spaced(endpoints.map((endpoint) => endpointText(endpoint, definition, plan)))];
}

function endpointText(endpoint: EndpointNode, { assets }: Definition, plan: PlatformPlan): DraftText {
  const model = assets.find(
    (asset): asset is ModelNode | ImportedModelNode =>
      asset.name === endpoint.model && asset.kind !== "endpoint" && /model/.test(asset.kind),
  );
  const opening = say`The endpoint ${code(endpoint.name)} answers with the model ${code(endpoint.model)}`;
  if (model?.kind === "imported-model") return say`${opening}, imported from the tracker as ${code(`${model.model}@${model.reference}`)}.`;
  if (model === undefined) return say`${opening}.`;
  return say`${opening}: how likely ${code(model.target)} is, from the columns of ${code(model.from)}.${qualityText(endpoint.model, plan)}`;
}

/** How good the model in use is, where it was trained. */
function qualityText(name: string, plan: PlatformPlan): DraftText {
  const measured = plan.measurements.models[name];
  if (measured === undefined) return say` It has not been trained in this environment.`;
  const quality = Object.entries(measured.quality).map(([metric, figure]) => say`${metricTitle(metric)} ${shown(figure)}`);
  const reached = quality.length === 0 ? say`` : say` reached ${listedText(quality)} on its test rows and`;
  return say` Its version in use${reached} was trained on ${measured.rows} rows in ${measured.seconds}.`;
}

/** `calibrationError` as `calibration error`. */
function metricTitle(metric: string): string {
  return metric.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** Where the data comes from. */
export function dataText({ assets }: Definition, plan: PlatformPlan): DraftText {
  const sources = plan.parts.filter(({ role }) => role === "source");
  if (sources.length === 0) return say`This environment binds no source.`;
  const tables = assets.filter(({ kind }) => kind === "table").length;
  const names = sources.map(({ id, title, assets: of }) => `${id} (${title}, ${counted(of.length, "table")})`);
  return say`Data comes from ${counted(sources.length, "source")}: ${listed(names)}. From it ${tables === 1 ? "one table is" : `${counted(tables, "table")} are`} derived.`;
}

/** What the plan reckons with. */
function givenBlocks(plan: PlatformPlan): readonly DraftBlock[] {
  const given = plan.requirements.filter(({ outcome, requirement }) => outcome === "given" && requirement.unit !== null);
  if (given.length === 0) return [];
  const texts = given.map(({ requirement }) => say`${requirementPhrase(requirement)}: ${asked(requirement)}`);
  return [{ kind: "paragraph", text: say`The plan reckons with what the platform file gives: ${listedText(texts)}.` }];
}

function spaced(texts: readonly DraftText[]): DraftText {
  return texts.flatMap((text, index) => (index === 0 ? text : [" ", ...text]));
}
