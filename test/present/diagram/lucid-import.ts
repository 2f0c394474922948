import type { ArchiveEntry } from "../../../src/present/archive.ts";

/*
 * Lucid's Standard Import as developer.lucid.co publishes it (overview-si, pages-si, shapes-si, lines-si, reference-si, images-si): which members an object
 * has, of what type, and which of them must be there.
 */

type Check = (value: unknown, at: string) => readonly string[];

const endpointStyles =
  "none aggregation arrow hollowArrow openArrow async1 async2 closedSquare openSquare bpmnConditional bpmnDefault closedCircle openCircle composition exactlyOne generalization many nesting one oneOrMore zeroOrMore zeroOrOne";

const number: Check = (value, at) => (typeof value === "number" && Number.isFinite(value) ? [] : [`${at} is no number`]);
const integer: Check = (value, at) => (Number.isInteger(value) ? [] : [`${at} is no integer`]);
const share: Check = (value, at) => (typeof value === "number" && value >= 0 && value <= 1 ? [] : [`${at} is not from 0 to 1`]);
const boolean: Check = (value, at) => (typeof value === "boolean" ? [] : [`${at} is no boolean`]);
const colour = matching(/^#[0-9a-f]{6}([0-9a-f]{2})?$/i);
const identifier = matching(/^[\w.~-]{1,36}$/);
const text: Check = (value, at) => {
  if (typeof value !== "string") return [`${at} is no text`];
  const tags = [...value.matchAll(/<\/?(\w+)/g)].map((match) => match[1] ?? "");
  const styles = [...value.matchAll(/style="([^"]*)"/g)].flatMap((match) =>
    (match[1] ?? "").split(";").map((one) => one.split(":")[0] ?? ""),
  );
  const known = ["color", "font-family", "font-size", "font-style", "font-weight", "text-align", "text-decoration", "vertical-align"];
  return [
    ...tags
      .filter((tag) => !["p", "b", "i", "u", "s", "br", "span", "a", "ol", "ul", "li"].includes(tag))
      .map((tag) => `${at} has the tag ${tag}`),
    ...styles.filter((style) => !known.includes(style)).map((style) => `${at} has the style ${style}`),
  ];
};

function matching(pattern: RegExp): Check {
  return (value, at) => (typeof value === "string" && pattern.test(value) ? [] : [`${at} is not ${pattern}: ${JSON.stringify(value)}`]);
}

function among(words: string): Check {
  return (value, at) => (typeof value === "string" && words.split(" ").includes(value) ? [] : [`${at} is none of ${words}`]);
}

function list(each: Check): Check {
  return (value, at) => (Array.isArray(value) ? value.flatMap((one, index) => each(one, `${at}[${index}]`)) : [`${at} is no array`]);
}

function object(required: Readonly<Record<string, Check>>, optional: Readonly<Record<string, Check>> = {}): Check {
  return (value, at) => {
    if (typeof value !== "object" || value === null) return [`${at} is no object`];
    const members = new Map(Object.entries(value));
    const known = { ...required, ...optional };
    return [
      ...Object.keys(required).flatMap((name) => (members.has(name) ? [] : [`${at} lacks ${name}`])),
      ...[...members].flatMap(([name, member]) => known[name]?.(member, `${at}.${name}`) ?? [`${at} has ${name}, which is not published`]),
    ];
  };
}

const point = object({ x: number, y: number });
const box = object({ x: number, y: number, w: number, h: number }, { rotation: number });
const stroke = object({ color: colour, width: integer, style: among("solid dashed dotted") });
const fill: Check = (value, at) =>
  typeof value === "object" && value !== null && "ref" in value
    ? object(
        { type: among("image"), ref: matching(/^[\w.-]+\.(png|jpe?g|gif|bmp|tiff)$/) },
        { imageScale: among("fit fill stretch original tile") },
      )(value, at)
    : object({ type: among("color"), color: colour })(value, at);
const style = object({}, { fill, stroke, rounding: integer, textColor: colour });
const common = { id: identifier, boundingBox: box };
const shape: Check = (value, at) => {
  const isText = typeof value === "object" && value !== null && "type" in value && value.type === "text";
  return isText
    ? object({ ...common, type: among("text") }, { text, zIndex: integer, opacity: integer })(value, at)
    : object({ ...common, type: among("rectangle circle") }, { text, style, zIndex: integer, opacity: integer })(value, at);
};
const endpoint = object({
  type: among("shapeEndpoint"),
  style: among(endpointStyles),
  shapeId: identifier,
  position: object({ x: share, y: share }),
});
const line = object(
  { id: identifier, lineType: among("straight elbow curved"), endpoint1: endpoint, endpoint2: endpoint },
  {
    stroke,
    text: list(object({ text, position: share, side: among("top middle bottom") })),
    elbowControlPoints: list(point),
    joints: list(point),
    zIndex: integer,
  },
);
const size = object({ type: among("custom"), w: number, h: number });
const settings = object({}, { fillColor: colour, infiniteCanvas: boolean, autoTiling: boolean, size });
const page = object({ id: identifier, title: text }, { settings, shapes: list(shape), lines: list(line) });
const document = object({ version: integer, pages: list(page) });

interface Page {
  readonly id: string;
  readonly shapes: readonly {
    readonly id: string;
    readonly boundingBox: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
    readonly style?: { readonly fill?: { readonly ref?: string } };
  }[];
  readonly lines: readonly {
    readonly id: string;
    readonly endpoint1: { readonly shapeId: string; readonly position: { readonly x: number; readonly y: number } };
    readonly endpoint2: { readonly shapeId: string; readonly position: { readonly x: number; readonly y: number } };
    readonly elbowControlPoints: readonly { readonly x: number; readonly y: number }[];
  }[];
}

/** What in a .lucid file is not as Lucid publishes it: members, types, limits, references, right angles. */
export function lucidFaults(entries: readonly ArchiveEntry[]): readonly string[] {
  const file = entries.find(({ name }) => name === "document.json");
  if (file === undefined) return ["document.json is missing"];
  const value: { readonly pages: readonly Page[] } = JSON.parse(Buffer.from(file.bytes).toString("utf8"));
  const found = [...document(value, "document")];
  if (file.bytes.length > 1_000_000) found.push("document.json is larger than 1 MB");
  const images = entries.filter(({ name }) => name.startsWith("images/")).map(({ name }) => name.slice("images/".length));
  for (const { id, shapes, lines } of value.pages) {
    const ids = [id, ...shapes.map((one) => one.id), ...lines.map((one) => one.id)];
    if (new Set(ids).size !== ids.length) found.push("an identifier stands twice");
    for (const { style: look } of shapes)
      if (look?.fill?.ref !== undefined && !images.includes(look.fill.ref)) found.push(`${look.fill.ref} is missing`);
    for (const one of lines) {
      const [start, end] = [one.endpoint1, one.endpoint2].map(({ shapeId, position }) => {
        const bounds = shapes.find((other) => other.id === shapeId)?.boundingBox;
        if (bounds === undefined) found.push(`${one.id} ends at ${shapeId}, which is not there`);
        return bounds === undefined ? { x: 0, y: 0 } : { x: bounds.x + bounds.w * position.x, y: bounds.y + bounds.h * position.y };
      });
      const points = [start, ...one.elbowControlPoints, end].filter((at) => at !== undefined);
      const oblique = points.some((at, index) => {
        const before = points[index - 1];
        return before !== undefined && Math.abs(at.x - before.x) > 0.1 && Math.abs(at.y - before.y) > 0.1;
      });
      if (oblique) found.push(`${one.id} has no right angles`);
    }
  }
  return found;
}
