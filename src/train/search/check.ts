import type { ModelNode, SearchNode } from "../../define/node.ts";
import { MillwrightError } from "../../error.ts";
import { gateMetricNames } from "../accept.ts";
import { boostedTreesParameters } from "../lightgbm/parameters.ts";
import { isRange, sizeOfGrid, trialsOf } from "./trials.ts";

const mostTrials = 10_000;

/**
 * Refuses a search that cannot be carried out, before any work is done.
 *
 * @throws MillwrightError `search-option`, `search-values`, `unknown-metric`, and for `boostedTrees` `unknown-parameter` and `parameter-value`, with the model's place.
 */
export function checkSearch(node: ModelNode): void {
  const { search } = node;
  if (search === null) return;
  const refuse = (code: string, what: string, fix: string): never => {
    throw new MillwrightError({ code, what: `the search of model '${node.name}' ${what}`, where: node.origin, fix });
  };
  if (!gateMetricNames.includes(search.metric))
    refuse("unknown-metric", `goes by the metric '${search.metric}'`, `use one of: ${gateMetricNames.join(", ")}`);
  for (const [name, value, least, most] of wholeOptions(search)) {
    if (value !== null && !(Number.isSafeInteger(value) && value >= least && value <= most))
      refuse("search-option", `has ${name}: ${value}`, `use a whole number from ${least} to ${most}`);
  }
  checkValues(search, refuse);
  const size = sizeOfGrid(search);
  if (search.method === "grid" && size > mostTrials)
    refuse(
      "search-option",
      `has a grid of ${size} trials`,
      `try fewer values, or draw some of them: randomSearch({ ... }, { trials: 60 })`,
    );
  if (node.train.trainer === "boosted-trees")
    for (const parameters of trialsOf(search)) boostedTreesParameters(withParameters(node, parameters));
}

function wholeOptions({ trials, folds, factor, parallel, seed }: SearchNode): [string, number | null, number, number][] {
  return [
    ["trials", trials, 1, mostTrials],
    ["folds", folds, 1, 100],
    ["factor", factor, 2, mostTrials],
    ["parallel", parallel, 1, 1000],
    ["seed", seed, 0, Number.MAX_SAFE_INTEGER],
  ];
}

function checkValues(search: SearchNode, refuse: (code: string, what: string, fix: string) => never): void {
  const entries = Object.entries(search.parameters);
  if (entries.length === 0) refuse("search-values", "has no parameters", "name at least one, with its values");
  for (const [name, values] of entries) {
    if (!isRange(values)) {
      if (values.length === 0) refuse("search-values", `has no values of '${name}'`, "list at least one");
      if (new Set(values).size < values.length) refuse("search-values", `lists a value of '${name}' twice`, "list each once");
      continue;
    }
    const { low, high, logarithmic, whole } = values;
    const range = `has '${name}' between ${low} and ${high}`;
    if (search.method === "grid") refuse("search-values", range, "list the values: a grid tries each of them");
    if (!Number.isFinite(low) || !Number.isFinite(high) || low >= high) refuse("search-values", range, "give the lower bound first");
    if (logarithmic && low <= 0) refuse("search-values", `${range}, by its logarithm`, "give a lower bound above 0");
    if (whole && !(Number.isSafeInteger(low) && Number.isSafeInteger(high))) refuse("search-values", range, "give whole numbers as bounds");
  }
}

/** The model with parameters of a trial in place of its own; it searches no further. */
export function withParameters(node: ModelNode, parameters: Readonly<Record<string, number | string | boolean>>): ModelNode {
  return { ...node, search: null, train: { ...node.train, parameters: { ...node.train.parameters, ...parameters } } };
}
