import type { Column } from "../../define/column.ts";
import { assetsOf, byCommand, byLines, line, named, only, runs, variable } from "./ask.ts";
import type { Found, Ground, Missing } from "./vocabulary.ts";

/** Models, their gates, where they train, and that they did. */
export function training(ground: Ground): Found {
  const { definition, plan } = ground;
  const models = assetsOf(definition, "model");
  const imported = assetsOf(definition, "imported-model");
  const names = [...models, ...imported].map(({ name }) => name);
  const ungated = models.filter(({ accept }) => Object.keys(accept).length === 0);
  const launcher = plan.parts.find(({ role }) => role === "launcher");
  const trained = models.filter(({ name }) => Object.hasOwn(plan.measurements.models, name));
  const untrained = models.filter((one) => !trained.includes(one));
  return {
    done: only(
      names.length > 0 && `models: ${named(names)}`,
      launcher !== undefined && `trained by ${launcher.title}`,
      models.length > ungated.length && `${models.length - ungated.length} of ${models.length} pass a gate before they serve`,
      ...trained.map(({ name }) => {
        const { version, quality } = plan.measurements.models[name] ?? { version: "", quality: {} };
        const figures = Object.entries(quality).map(([metric, { value }]) => `${metric} ${value?.toPrecision(3) ?? "unknown"}`);
        return `${name} version ${version}: ${figures.join(", ")}`;
      }),
    ),
    missing: only(
      names.length === 0 && modelLines(ground),
      ...ungated.map(({ name, origin }) =>
        byLines(
          `a gate that ${name} must pass (platform.ts:${origin.line})`,
          line(`accept: { auc: ">= 0.6" },`, `model(${JSON.stringify(name)}, {`),
        ),
      ),
      untrained.length > 0 && byCommand(`a training of ${named(untrained.map(({ name }) => name))}`, runs(ground)),
    ),
  };
}

/** A model of the first table that has a yes or no to predict and a time to divide it by. */
function modelLines({ definition, columns }: Ground): Missing {
  const made = [...assetsOf(definition, "table"), ...assetsOf(definition, "source")];
  const of = (name: string, type: Column["type"]) => columns[name]?.find((column) => column.type === type)?.name;
  const from = made.find(({ name }) => of(name, "boolean") !== undefined) ?? made[0];
  const table = from?.name ?? "my_table";
  const [target, by] = [of(table, "boolean") ?? "target", of(table, "timestamp") ?? of(table, "date") ?? "time"];
  return byLines(
    "a model: what it predicts, from which table, and the gate that it must pass",
    line(`import { boostedTrees, model } from "millwright";`, null),
    line(
      `const prediction = model("prediction", { from: ${variable(table)}, target: "${target}", split: { by: "${by}", test: "last 30 days" }, train: boostedTrees({ trees: 100 }), accept: { auc: ">= 0.6" } });`,
      null,
    ),
    line("prediction,", "assets: ["),
  );
}
