import { assetsOf, byCommand, byLines, line, named, only, plural, runs, variable } from "./ask.ts";
import type { Found, Ground } from "./vocabulary.ts";

/** Sources, the tables made of them, what checks them, and that they were made. */
export function dataPipeline(ground: Ground): Found {
  const { definition, plan, folder } = ground;
  const [sources, tables] = [assetsOf(definition, "source"), assetsOf(definition, "table")];
  const checked = tables.filter(({ operations }) => operations.some(({ kind }) => kind === "check"));
  const made = [...sources, ...tables].filter(({ name }) => Object.hasOwn(plan.measurements.tables, name));
  const unmade = [...sources, ...tables].filter((asset) => !made.includes(asset)).map(({ name }) => name);
  const [first] = sources;
  const column = ground.columns[first?.name ?? ""]?.[0]?.name ?? first?.key[0];
  return {
    done: only(
      sources.length > 0 && `${plural(sources.length, "source table")}: ${named(sources.map(({ name }) => name))}`,
      tables.length > 0 && `${plural(tables.length, "table")} made of them: ${named(tables.map(({ name }) => name))}`,
      checked.length > 0 && `rows of ${named(checked.map(({ name }) => name))} are checked, those that fail are kept aside`,
      folder.files.includes("schema.lock.json") && "schema.lock.json holds the columns",
      made.length > 0 && `made and measured: ${made.length} of ${sources.length + tables.length}`,
    ),
    missing: only(
      !folder.files.includes("schema.lock.json") &&
        byCommand(
          "schema.lock.json: the columns of every table, so that mistakes are found before anything runs",
          `millwright check --env ${Object.keys(definition.environments)[0] ?? plan.environment}`,
        ),
      checked.length === 0 &&
        first !== undefined &&
        column !== undefined &&
        byLines(
          "a table whose rows are checked",
          ...(tables.length === 0 ? [line(`import { table } from "millwright";`, null)] : []),
          line(
            `const ${variable(`${first.name}_checked`)} = table("${first.name}_checked", ${variable(first.name)}).check({ ${column}: { notNull: true } });`,
            null,
          ),
          line(`${variable(`${first.name}_checked`)},`, "assets: ["),
        ),
      unmade.length > 0 && byCommand(`a run that makes and measures ${named(unmade)}`, runs(ground)),
    ),
  };
}
