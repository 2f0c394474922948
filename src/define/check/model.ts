import { checkGate } from "../../train/accept.ts";
import { checkSearch } from "../../train/search/check.ts";
import type { Column, ColumnType } from "../column.ts";
import { useOneOf } from "../nearest.ts";
import type { ModelNode, Preparation } from "../node.ts";
import type { Findings } from "./diagnostic.ts";

/** Whether a model's columns exist in its table and have types that can be learnt from; `columns` is null while nobody knows them. */
export function checkModel(node: ModelNode, columns: readonly Column[] | null, findings: Findings): void {
  const where = node.origin;
  for (const check of [checkGate, checkSearch]) {
    try {
      check(node);
    } catch (error) {
      findings.thrown(error);
    }
  }
  if (!Number.isSafeInteger(node.split.days) || node.split.days < 1) {
    findings.error({
      code: "bad-split",
      what: `model '${node.name}' has no whole number of test days`,
      where,
      fix: "write the split's test as 'last 60 days'",
    });
  }
  if (columns === null) return;
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  const typeOf = (name: string, use: string): ColumnType | null => {
    const type = types.get(name);
    if (type === undefined)
      findings.error({
        code: "unknown-column",
        what: `${node.from} has no column '${name}', which model '${node.name}' names as ${use}`,
        where,
        fix: useOneOf(name, [...types.keys()]),
      });
    return type ?? null;
  };
  const refuse = (what: string, fix: string) => findings.error({ code: "wrong-type", what: `model '${node.name}': ${what}`, where, fix });

  const target = typeOf(node.target, "its target");
  if (target !== null && ["text", "date", "timestamp", "binary"].includes(target)) {
    refuse(`its target '${node.target}' is ${target}`, "make the target a boolean, for example late: row.arr_delay.greaterThan(15)");
  }
  const by = typeOf(node.split.by, "what it splits by");
  if (by !== null && !["timestamp", "date", "text"].includes(by))
    refuse(`it splits by '${node.split.by}', which is ${by}`, "split by a date or a timestamp");
  for (const name of node.ignore) typeOf(name, "one to ignore");

  const apart = new Set([node.target, node.split.by, ...node.ignore]);
  const features = node.features ?? columns.map(({ name }) => name).filter((name) => !apart.has(name));
  if (features.length === 0)
    findings.error({
      code: "no-features",
      what: `model '${node.name}' has no features`,
      where,
      fix: "list features, or ignore fewer columns",
    });
  if (features.includes(node.target)) {
    findings.error({
      code: "target-as-feature",
      what: `model '${node.name}' has its target '${node.target}' among its features`,
      where,
      fix: "take it out of features",
    });
  }
  for (const name of features) {
    if (typeOf(name, "a feature") === "binary")
      refuse(`'${name}' is binary and cannot be a feature`, `add '${name}' to the model's ignore list`);
  }
  for (const name of node.slices) {
    if (typeOf(name, "a slice") === "binary") refuse(`'${name}' is binary and cannot be a slice`, "choose another column");
  }
  for (const [name, method] of Object.entries(node.prepare)) {
    const type = typeOf(name, "one to prepare");
    if (type === null) continue;
    if (!features.includes(name)) {
      findings.warning({
        code: "unused-preparation",
        what: `model '${node.name}' prepares '${name}', which is none of its features`,
        where,
        fix: `remove it from prepare, or add '${name}' to the features`,
      });
    } else if (!prepares(method, type)) {
      refuse(
        `'${method}' cannot prepare '${name}', which is ${type}`,
        type === "text" ? "use ordinal or onehot for text" : "use none, zscore, minmax or log for numbers with a fraction",
      );
    }
  }
}

/** Text is prepared by category; numbers with a fraction are not; all else is either way. */
function prepares(method: Preparation, type: ColumnType): boolean {
  const categorical = method === "ordinal" || method === "onehot";
  if (type === "text") return categorical;
  return !categorical || !(type === "double" || type.startsWith("decimal"));
}
