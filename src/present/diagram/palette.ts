import type { GroupColour, RouteKind, Tone } from "./vocabulary.ts";

/**
 * Each group's colours: the frame's line and title, and its ground. The lines have a contrast of 4.5 and more to white, the grounds are so light that black
 * text on them prints well in grey; no meaning hangs on the hue alone.
 */
export const groupColours: Readonly<Record<GroupColour, { readonly line: string; readonly ground: string }>> = Object.freeze({
  blue: { line: "#0369a1", ground: "#f0f8fd" },
  violet: { line: "#6d28d9", ground: "#f7f4fe" },
  green: { line: "#047857", ground: "#f0faf5" },
  orange: { line: "#b45309", ground: "#fef8ee" },
  red: { line: "#be123c", ground: "#fef4f5" },
  teal: { line: "#0f766e", ground: "#eff9f8" },
  grey: { line: "#475569", ground: "#f6f8fa" },
});

export const toneColours: Readonly<Record<Exclude<Tone, "group">, string>> = Object.freeze({
  strong: "#0f172a",
  soft: "#475569",
  figure: "#1e293b",
  alert: "#b91c1c",
  change: "#1d4ed8",
});

/** How each kind of link is drawn: told apart by width and dashes too, for print in grey. */
export const linkStyles: Readonly<
  Record<RouteKind, { readonly colour: string; readonly width: number; readonly dashes: readonly number[]; readonly means: string }>
> = Object.freeze({
  data: { colour: "#334155", width: 1.6, dashes: [], means: "data" },
  models: { colour: "#6d28d9", width: 2.4, dashes: [], means: "models" },
  requests: { colour: "#be123c", width: 1.6, dashes: [9, 3], means: "requests" },
  metrics: { colour: "#0f766e", width: 1.6, dashes: [2, 3], means: "metrics and events" },
  control: { colour: "#64748b", width: 1.3, dashes: [5, 4], means: "control" },
});

export const paper: Readonly<Record<"ground" | "card" | "cardLine" | "describedLine" | "alert" | "change", string>> = Object.freeze({
  ground: "#ffffff",
  card: "#ffffff",
  cardLine: "#cbd5e1",
  describedLine: "#64748b",
  alert: "#dc2626",
  change: "#dbeafe",
});

/** The families are alike in the widths of their letters, so that a text is as wide as it was measured in each of them. */
export const fontFamily = "Arimo, 'Liberation Sans', Arial, Helvetica, sans-serif";
