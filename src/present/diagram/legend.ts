import { margin, sizes } from "./measure.ts";
import { fitted, textLine } from "./text.ts";
import { linkStyles } from "./palette.ts";
import type { DiagramNode, DiagramRoute, LegendEntry, RouteKind } from "./vocabulary.ts";

const sample = Object.freeze({ width: 30, height: 14, gap: 8, between: 24 });

/** What the lines and marks of this picture mean: only those that it has, in rows from `top` on. */
export function legendOf(
  routes: readonly DiagramRoute[],
  nodes: readonly DiagramNode[],
  omitted: readonly string[],
  removed: readonly string[],
  width: number,
  top: number,
): LegendEntry[] {
  const kinds = (["data", "models", "requests", "metrics", "control"] satisfies RouteKind[]).filter((kind) =>
    routes.some((route) => route.kind === kind),
  );
  const entries: readonly { readonly sample: LegendEntry["sample"]; readonly text: string }[] = [
    ...kinds.map((kind) => ({ sample: kind, text: linkStyles[kind].means })),
    ...(nodes.some(({ described }) => described)
      ? [{ sample: "described" as const, text: "described: planned, not run by Millwright" }]
      : []),
    ...(nodes.some(({ marked }) => marked) ? [{ sample: "marked" as const, text: "misses a requirement or control" }] : []),
    ...(nodes.some(({ lines }) => lines.some(({ tone }) => tone === "change"))
      ? [{ sample: "change" as const, text: "new, or changed since the earlier version" }]
      : []),
    ...removed.map((what) => ({ sample: "removed" as const, text: `removed: ${what}` })),
    ...omitted.map((text) => ({ sample: "marked" as const, text: `no room for ${text}` })),
  ];
  let [x, y] = [margin, top];
  return entries.map((entry) => {
    const text = textLine(
      fitted(entry.text, sizes.legend, false, width - 2 * margin - sample.width - sample.gap),
      0,
      0,
      sizes.legend,
      false,
      "soft",
    );
    const wide = sample.width + sample.gap + text.width;
    if (x > margin && x + wide > width - margin) [x, y] = [margin, y + 20];
    const placed = {
      sample: entry.sample,
      x,
      y,
      width: sample.width,
      height: sample.height,
      text: { ...text, x: x + sample.width + sample.gap, y },
    };
    x += wide + sample.between;
    return placed;
  });
}
