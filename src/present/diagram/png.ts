import { Resvg } from "@resvg/resvg-js";
import { outlined } from "./outline.ts";
import { svgOf } from "./svg.ts";
import type { Diagram } from "./vocabulary.ts";

/**
 * The picture as PNG. Its letters are drawn from the shapes that come with Millwright, so that the same picture gives the same bytes on every machine.
 *
 * @param width pixels; by default twice the picture's own, enough for print on A4
 */
export function pngOf(diagram: Diagram, width: number = diagram.width * 2): Uint8Array {
  const font = { loadSystemFonts: false };
  return new Resvg(svgOf(diagram, outlined), { fitTo: { mode: "width", value: width }, font }).render().asPng();
}
