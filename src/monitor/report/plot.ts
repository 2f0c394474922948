/** One line of a chart: a value for each position, null where there is none. */
export interface Line {
  readonly name: string;
  readonly values: readonly (number | null)[];
  readonly color: string;
  readonly dashed?: boolean;
}

const width = 640;
const height = 180;
const margin = { left: 52, right: 12, top: 10, bottom: 24 };
const inner = { width: width - margin.left - margin.right, height: height - margin.top - margin.bottom };

/** Text that stands in HTML or SVG as it is. */
export function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** Three digits that count. */
export function figure(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "";
  if (value === 0) return "0";
  return Math.abs(value) < 0.001 || Math.abs(value) >= 1e6 ? value.toExponential(1) : String(Number(value.toPrecision(3)));
}

/** Lines over positions with the same distance; `limit` is a level that is drawn across. */
export function lineChart(labels: readonly string[], lines: readonly Line[], limit: number | null = null, fromZero = false): string {
  const values = lines.flatMap((line) => line.values.filter((value) => value !== null));
  const all = [...values, ...(limit === null ? [] : [limit]), ...(fromZero ? [0] : [])];
  if (values.length === 0) return "";
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const pad = (most - least || Math.abs(most) || 1) * 0.06;
  const [low, high] = [fromZero ? 0 : least - pad, most + pad];
  const x = (index: number) => margin.left + (labels.length < 2 ? inner.width / 2 : (index / (labels.length - 1)) * inner.width);
  const y = (value: number) => margin.top + inner.height * (1 - (value - low) / (high - low));
  const drawn = lines.map(({ name, values: points, color, dashed }) => {
    const style = `fill="none" stroke="${color}" stroke-width="1.8"${dashed === true ? ' stroke-dasharray="5 4"' : ""}`;
    const dots = points.map((value, index) =>
      value === null
        ? ""
        : `<circle cx="${round(x(index))}" cy="${round(y(value))}" r="2.4" fill="${color}"><title>${escape(`${name}, ${labels[index] ?? ""}: ${figure(value)}`)}</title></circle>`,
    );
    return `<path d="${path(points, x, y)}" ${style}/>${dots.join("")}`;
  });
  const level =
    limit === null
      ? ""
      : `<line x1="${margin.left}" x2="${width - margin.right}" y1="${round(y(limit))}" y2="${round(y(limit))}" stroke="#b42318" stroke-dasharray="3 3"/>`;
  return svg(`${axis(low, high, y)}${level}${drawn.join("")}${ends(labels)}`, lines.map(({ name }) => name).join(", "));
}

function path(points: readonly (number | null)[], x: (index: number) => number, y: (value: number) => number): string {
  let open = false;
  return points
    .map((value, index) => {
      const command = value === null ? "" : `${open ? "L" : "M"}${round(x(index))} ${round(y(value))}`;
      open = value !== null;
      return command;
    })
    .join("");
}

/** Two distributions over the same bins: the reference filled, the current as a line of steps. Shares, or densities where widths are given. */
export function distributionChart(
  bins: readonly { readonly label: string; readonly reference: number; readonly current: number }[],
): string {
  if (bins.length === 0) return "";
  const high = Math.max(...bins.flatMap(({ reference, current }) => [reference, current])) * 1.06 || 1;
  const step = inner.width / bins.length;
  const y = (value: number) => margin.top + inner.height * (1 - value / high);
  const bars = bins.map(({ label, reference, current }, index) => {
    const left = round(margin.left + index * step);
    const title = `<title>${escape(`${label}: reference ${figure(reference)}, current ${figure(current)}`)}</title>`;
    return `<rect x="${left}" y="${round(y(reference))}" width="${round(step * 0.96)}" height="${round(inner.height + margin.top - y(reference))}" fill="#c7d7e8">${title}</rect>`;
  });
  const steps = bins.map(({ current }, index) => {
    const [left, right] = [round(margin.left + index * step), round(margin.left + (index + 1) * step)];
    return `${index === 0 ? "M" : "L"}${left} ${round(y(current))}L${right} ${round(y(current))}`;
  });
  const names = bins.map(({ label }) => label);
  return svg(
    `${axis(0, high, y)}${bars.join("")}<path d="${steps.join("")}" fill="none" stroke="#c2410c" stroke-width="1.6"/>${ends(names)}`,
    "reference and current",
  );
}

function axis(low: number, high: number, y: (value: number) => number): string {
  return [0, 0.5, 1]
    .map((share) => {
      const value = low + share * (high - low);
      const at = round(y(value));
      return `<line x1="${margin.left}" x2="${width - margin.right}" y1="${at}" y2="${at}" stroke="#e5e7eb"/><text x="${margin.left - 6}" y="${at + 4}" text-anchor="end">${figure(value)}</text>`;
    })
    .join("");
}

function ends(labels: readonly string[]): string {
  const at = height - 6;
  const last =
    labels.length > 1 ? `<text x="${width - margin.right}" y="${at}" text-anchor="end">${escape(labels.at(-1) ?? "")}</text>` : "";
  return `<text x="${margin.left}" y="${at}">${escape(labels[0] ?? "")}</text>${last}`;
}

function svg(content: string, title: string): string {
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escape(title)}">${content}</svg>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
