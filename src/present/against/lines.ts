import { figureText } from "../../plan/figure-text.ts";
import type { Figure } from "../../plan/figure.ts";
import type { FigureChange, PlanDiff, WordChange } from "../../plan/diff.ts";
import type { ChangeLine } from "./changes.ts";

/** Everything that a difference says, a line for each. */
export function changeLines(diff: PlanDiff): readonly ChangeLine[] {
  const words = (section: ChangeLine["section"], { of, from, to }: WordChange, note = ""): ChangeLine => ({
    section,
    of,
    name: "",
    from: from ?? "–",
    to: to ?? "–",
    note,
  });
  return [
    ...diff.added.map(({ id, title }): ChangeLine => ({ section: "Structure", of: id, name: "", from: "–", to: title, note: "new" })),
    ...diff.removed.map(({ id, title }): ChangeLine => ({ section: "Structure", of: id, name: "", from: title, to: "–", note: "removed" })),
    ...diff.systems.map((change) => words("Structure", change, "another system")),
    ...diff.sizes.map((change) => figureLine("Sizes", change)),
    ...(diff.cost.option === null ? [] : [words("Cost", diff.cost.option, "bought elsewhere or otherwise")]),
    ...[...diff.cost.figures, ...diff.cost.parts].map((change) => figureLine("Cost", change)),
    ...diff.service.map((change) => figureLine("Service levels", change)),
    ...diff.compliance.map((change) =>
      words("Compliance", { ...change, of: `${change.standard} ${change.of}` }, change.worse ? "worse" : ""),
    ),
    ...diff.requirements.map(({ name, from, to, texts, broken }): ChangeLine => {
      const said = (text: string | null, outcome: string | undefined) => (text === null ? "–" : `${text}: ${outcome ?? "–"}`);
      const reason = to?.reason ?? "asked for no more";
      return {
        section: "Requirements",
        of: name,
        name: "",
        from: said(texts[0], from?.outcome),
        to: said(texts[1], to?.outcome),
        note: broken ? `met before, missed now: ${reason}` : reason,
      };
    }),
    ...diff.choices.map((change) => words("Choices", change)),
  ];
}

function figureLine(section: ChangeLine["section"], { of, name, from, to, change }: FigureChange): ChangeLine {
  const text = (figure: Figure | null) => (figure === null ? "–" : figureText(figure));
  const note = change === null || to === null ? "" : `${change < 0 ? "-" : "+"}${figureText({ ...to, value: Math.abs(change) })}`;
  return { section, of, name, from: text(from), to: text(to), note };
}
