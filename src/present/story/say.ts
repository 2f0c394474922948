import type { Origin } from "../../error.ts";
import { figureText, priceText } from "../../plan/figure-text.ts";
import type { Figure } from "../../plan/figure.ts";
import { plural } from "./words.ts";
import type { Draft, DraftText, Status, Table, TableColumn } from "./vocabulary.ts";

type Value = Draft | Figure | DraftText;

/** A sentence with figures in it: say`It costs ${figure}.` A bare number cannot stand in one, so that each has its origin. */
export function say(strings: TemplateStringsArray, ...values: readonly Value[]): DraftText {
  return joined(strings.flatMap((text, index) => [text, ...piecesOf(values[index] ?? "")]));
}

/** A figure, which prints as the plan prints it. */
export function shown(figure: Figure): DraftText {
  return [{ kind: "figure", figure }];
}

/** The price of one of something, which prints with all its digits. */
export function priced(figure: Figure): DraftText {
  return [{ kind: "figure", figure, price: true }];
}

/** A figure as it is printed. */
export function printed({ figure, price }: Extract<Draft, { kind: "figure" }>): string {
  return price === true ? priceText(figure) : figureText(figure);
}

/** Words of the platform file. */
export function declared(text: string, where: Origin): DraftText {
  return [{ kind: "declared", text, where }];
}

export function code(text: string): Draft {
  return { kind: "code", text };
}

export function strong(text: string): Draft {
  return { kind: "strong", text };
}

export function status(state: Status, text: string): Draft {
  return { kind: "status", status: state, text };
}

/** A table with at most `limit` rows, which says how many it left out, and where they are. */
export function table(columns: readonly TableColumn[], rows: readonly (readonly DraftText[])[], limit: number, noun: string): Table<Draft> {
  const left = rows.length - limit;
  return {
    kind: "table",
    columns,
    rows: rows.slice(0, limit),
    rest: left > 0 ? `${left} more ${left === 1 ? noun : plural(noun)} in plan.json.` : null,
  };
}

function piecesOf(value: Value): DraftText {
  if (typeof value === "string") return [value];
  if (isText(value)) return value;
  return "unit" in value ? shown(value) : [value];
}

function isText(value: Value): value is DraftText {
  return Array.isArray(value);
}

/** Neighbouring strings as one. */
function joined(pieces: DraftText): DraftText {
  const text: Draft[] = [];
  for (const piece of pieces) {
    const last = text.at(-1);
    if (typeof piece === "string" && typeof last === "string") text[text.length - 1] = last + piece;
    else if (piece !== "") text.push(piece);
  }
  return text;
}
