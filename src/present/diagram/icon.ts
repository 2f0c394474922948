import { icons } from "./icons.ts";
import { shapes } from "./shapes.ts";
import type { Box } from "./vocabulary.ts";

/**
 * An icon in a box, as SVG: an official one in its own colours, or one of our drawings in `colour`.
 *
 * @param name `simple-icons:mysql`, `logos:aws-s3`, `shape:disk`; what does not exist is drawn as a plain part
 */
export function iconSvg(name: string, { x, y, width }: Box, colour: string): string {
  const icon = icons[name];
  if (icon === undefined) return drawing(name.replace(/^shape:/, ""), x, y, width / 24, colour);
  const inner = icon.dark ? width * 0.66 : width;
  const scale = inner / Math.max(icon.width, icon.height);
  const left = x + (width - icon.width * scale) / 2;
  const top = y + (width - icon.height * scale) / 2;
  // What is too light for white paper stands on a dark ground.
  const ground = icon.dark ? `<rect x="${x}" y="${y}" width="${width}" height="${width}" rx="6" fill="#1e293b"/>` : "";
  return `${ground}<g transform="translate(${rounded(left)} ${rounded(top)}) scale(${rounded(scale)})">${icon.body}</g>`;
}

function drawing(name: string, x: number, y: number, scale: number, colour: string): string {
  const paths = (shapes[name] ?? shapes["part"] ?? []).map(({ d, filled }) =>
    filled === true ? `<path d="${d}" fill="${colour}" fill-opacity=".85" stroke="none"/>` : `<path d="${d}"/>`,
  );
  const mark =
    name === "gpu" ? `<g transform="translate(7.2 7.2) scale(.4)" stroke="none">${icons["simple-icons:nvidia"]?.body ?? ""}</g>` : "";
  return `<g transform="translate(${rounded(x)} ${rounded(y)}) scale(${rounded(scale)})" fill="none" stroke="${colour}" stroke-width="1.5" stroke-linejoin="round" stroke-linecap="round">${paths.join("")}${mark}</g>`;
}

/** An icon as a picture of its own, for formats that take it as a file. */
export function iconFile(name: string, colour: string, size = 48): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${size}" height="${size}" viewBox="0 0 ${size} ${size}">${iconSvg(name, { x: 0, y: 0, width: size, height: size }, colour)}</svg>`;
}

export function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
