import type { Figure, FigureUnit } from "./figure.ts";

/** A figure as people read it: `$1,234.56`, `2.1 TB`, `48 ms`, `99.9 %`; `unknown` where nobody knows. Plans, documents, decks and diagrams all print it so. */
export function figureText({ value, unit }: Figure): string {
  return value === null ? "unknown" : printers[unit](value);
}

/** The price of one of something, with all its digits, so that a person can multiply it: `$0.0004`, `$0.1008/hour`. */
export function priceText(price: Figure): string {
  return price.value !== null && price.unit === "USD" ? allDigits(price.value) : figureText(price);
}

/** In a few words, where a figure came from: `measured 2026-11-22`, `platform.ts:12`, `catalogue 2026-07-20`, `computed`. */
export function originText({ origin }: Figure): string {
  switch (origin.kind) {
    case "measured":
      return `measured ${origin.time.slice(0, 10)}`;
    case "declared":
      return `${origin.where.file.split("/").at(-1) ?? origin.where.file}:${origin.where.line}`;
    case "catalogue":
      return `catalogue ${origin.date}`;
    case "computed":
      return "computed";
    case "unknown":
      return "unknown";
  }
}

const printers: Readonly<Record<FigureUnit, (value: number) => string>> = {
  USD: dollars,
  "USD/month": (value) => `${dollars(value)}/month`,
  "USD/hour": (value) => `${allDigits(value)}/hour`,
  seconds: secondsText,
  hours: (value) => `${rounded(value)} h`,
  "1/second": (value) => `${rounded(value)}/s`,
  bytes: bytesText,
  "bytes/second": (value) => `${bytesText(value)}/s`,
  share: (value) => `${Number((value * 100).toFixed(4))} %`,
  count: rounded,
  watts: (value) => `${rounded(value)} W`,
  kWh: (value) => `${rounded(value)} kWh`,
  kgCO2e: (value) => `${rounded(value)} kg CO2e`,
};

/** To the cent from one dollar on; below it two digits that count. */
function dollars(value: number): string {
  if (value !== 0 && Math.abs(value) < 0.01) return `$${plain(Number(value.toPrecision(2)))}`;
  return `$${value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

function allDigits(value: number): string {
  return `$${value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 12 })}`;
}

/** Without an exponent. */
function plain(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 20 });
}

function secondsText(value: number): string {
  if (value < 1e-3) return `${rounded(value * 1e6)} µs`;
  if (value < 1) return `${rounded(value * 1e3)} ms`;
  if (value < 120) return `${rounded(value)} s`;
  if (value < 7200) return `${rounded(value / 60)} min`;
  return value < 48 * 3600 ? `${rounded(value / 3600)} h` : `${rounded(value / 86_400)} days`;
}

const scales: readonly (readonly [number, string])[] = [
  [1e15, "PB"],
  [1e12, "TB"],
  [1e9, "GB"],
  [1e6, "MB"],
  [1e3, "kB"],
];

/** In powers of 1,000. */
function bytesText(value: number): string {
  const [scale, unit] = scales.find(([least]) => value >= least) ?? [1, "B"];
  return `${rounded(value / scale)} ${unit}`;
}

/** Three digits that count, or all of a larger whole number. */
function rounded(value: number): string {
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString("en-US") : plain(Number(value.toPrecision(3)));
}
