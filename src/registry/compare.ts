import { describeOutcome } from "../package/outcome.ts";
import { gateFigures } from "../train/accept.ts";
import { describePreparation } from "./card.ts";
import type { ModelVersion } from "./version.ts";

export type Comparable = string | number | boolean | null;

/** One thing of two versions. */
export interface Compared {
  readonly section: "version" | "metrics" | "data" | "code" | "packages" | "parameters" | "features" | "slices";
  readonly name: string;
  /** Null where a version does not have it. */
  readonly first: Comparable;
  readonly second: Comparable;
  readonly same: boolean;
}

/** Two versions side by side: everything that was recorded of what made them, and what they gave. */
export function compareVersions(first: ModelVersion, second: ModelVersion): Compared[] {
  const sides = [sidesOf(first), sidesOf(second)] as const;
  return sections.flatMap((section) => {
    const [one, other] = [sides[0][section], sides[1][section]];
    const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
    return names.map((name): Compared => {
      const [before, after] = [one[name] ?? null, other[name] ?? null];
      return { section, name, first: before, second: after, same: before === after };
    });
  });
}

const sections = ["version", "metrics", "data", "code", "packages", "parameters", "features", "slices"] as const;

type Sides = Readonly<Record<Compared["section"], Readonly<Record<string, Comparable>>>>;

function sidesOf({ status, created, aliases, description, provenance, content }: ModelVersion): Sides {
  const { metrics, periods, leftOut, trainer, parameters, preparation, environment, packaging, imported } = description;
  const spans = Object.entries(periods).flatMap(([name, { from, to, rows }]): [string, Comparable][] => [
    [`${name} rows`, rows],
    [`${name} from`, from],
    [`${name} to`, to],
  ]);
  return {
    version: {
      status,
      aliases: aliases.join(", "),
      created,
      run: provenance.run,
      environment: provenance.environment,
      seconds: provenance.seconds,
      content,
    },
    metrics: { ...gateFigures(metrics), trees: metrics.trees },
    data: {
      ...Object.fromEntries(Object.entries(provenance.inputs).map(([table, snapshot]) => [`${table} snapshot`, snapshot])),
      ...Object.fromEntries(spans),
      "left out, without label": leftOut.withoutLabel,
      "left out, without time": leftOut.withoutTime,
    },
    code: {
      definition: provenance.definitionHash,
      code: provenance.codeHash,
      trainer,
      python: environment?.python ?? null,
      packaging: packaging == null ? null : describeOutcome(packaging),
      imported: imported == null ? null : `${imported.system} ${imported.model} version ${imported.version}`,
    },
    packages: Object.fromEntries((environment?.packages ?? []).map((one) => [one.split("==")[0] ?? one, one.split("==")[1] ?? ""])),
    parameters,
    features: Object.fromEntries(preparation.map((feature) => [feature.name, `${feature.type}, ${describePreparation(feature)}`])),
    slices: Object.fromEntries(
      metrics.slices.flatMap(({ column, value, rows, auc, logLoss }): [string, Comparable][] => {
        const slice = `${column} ${value === "" ? "(missing)" : value}`;
        return [
          [`${slice}: rows`, rows],
          [`${slice}: AUC`, auc],
          [`${slice}: log loss`, logLoss],
        ];
      }),
    ),
  };
}
