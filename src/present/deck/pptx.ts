import type Library from "pptxgenjs";
import { timeless } from "../archive.ts";
import { loadPresenter } from "../peer.ts";
import type { Deck } from "./deck.ts";
import { renumbered } from "./renumber.ts";
import { colours, type Line, type Shape } from "./slide.ts";
import { fittingSize } from "./text.ts";

// Its declarations are read as those of a CommonJS module, whose class is the default within.
type Presentation = Library.default;
type Target = Library.default.Slide;

/** The deck as a PowerPoint file of native shapes, tables and charts, with what is spoken as notes. @throws MillwrightError `peer-missing` */
export async function pptxOf({ title, footer, date, slides }: Deck): Promise<Uint8Array> {
  // The library is CommonJS: its class is the module itself or its default, as the loader has it.
  const library = await loadPresenter("pptxgenjs", () => import("pptxgenjs"));
  const loaded: unknown = library.default;
  const Pptx = isConstructor(loaded) ? loaded : defaultOf(loaded);
  const file = new Pptx();
  file.layout = "LAYOUT_WIDE";
  file.theme = { headFontFace: "Arial", bodyFontFace: "Arial" };
  file.title = title;
  file.author = "Millwright";
  file.company = "";
  file.defineSlideMaster({
    title: "MILLWRIGHT",
    background: { color: "FFFFFF" },
    objects: [
      { rect: { x: 0, y: 0, w: 0.14, h: 7.5, fill: { color: colours.accent } } },
      {
        text: { text: footer, options: { x: 0.6, y: 7.06, w: 9, h: 0.28, fontFace: "Arial", fontSize: 9, color: colours.soft, margin: 0 } },
      },
    ],
    slideNumber: { x: 12.33, y: 7.06, w: 0.4, h: 0.28, fontFace: "Arial", fontSize: 9, color: colours.soft, align: "right" },
  });
  for (const { topic, title: heading, shapes, notes } of slides) {
    const slide = file.addSlide({ masterName: "MILLWRIGHT" });
    slide.addText(topic, {
      x: 0.6,
      y: 0.28,
      w: 12.13,
      h: 0.28,
      fontFace: "Arial",
      fontSize: 12,
      bold: true,
      color: colours.accent,
      margin: 0,
    });
    slide.addText(heading, {
      x: 0.6,
      y: 0.55,
      w: 12.13,
      h: 0.8,
      fontFace: "Arial",
      fontSize: fittingSize([[{ text: heading, bold: true }]], 12.13, 0.82, [22, 20, 18, 16, 14]),
      bold: true,
      color: colours.ink,
      margin: 0,
      valign: "top",
    });
    for (const shape of shapes) add(slide, shape);
    slide.addNotes(notes);
  }
  const bytes = await file.write({ outputType: "nodebuffer" });
  if (!(bytes instanceof Uint8Array)) throw new TypeError("pptxgenjs gave no bytes");
  return timeless(renumbered(bytes), `${date ?? "1980-01-01"}T00:00:00Z`);
}

function isConstructor(value: unknown): value is new () => Presentation {
  return typeof value === "function";
}

function defaultOf(value: unknown): new () => Presentation {
  if (typeof value === "object" && value !== null && "default" in value && isConstructor(value.default)) return value.default;
  throw new TypeError("pptxgenjs exports no class");
}

function add(slide: Target, shape: Shape): void {
  switch (shape.kind) {
    case "text":
      slide.addText(
        shape.lines.flatMap((line, index) => runs(line, index < shape.lines.length - 1)),
        {
          ...shape.place,
          fontFace: "Arial",
          fontSize: shape.size,
          color: colours.ink,
          margin: 0,
          align: shape.align ?? "left",
          valign: shape.anchor ?? "top",
        },
      );
      return;
    case "box":
      slide.addShape("roundRect", {
        ...shape.place,
        rectRadius: shape.radius ?? 0.06,
        fill: { color: shape.fill },
        line: { color: shape.line, width: 0.75, ...(shape.dashed === true ? { dashType: "dash" as const } : {}) },
      });
      return;
    case "path":
      addPath(slide, shape);
      return;
    case "table":
      addTable(slide, shape);
      return;
    case "chart":
      addChart(slide, shape);
      return;
    case "icon":
      slide.addImage({ ...shape.place, data: `image/png;base64,${Buffer.from(shape.png).toString("base64")}` });
  }
}

function runs(line: Line, ends: boolean): Library.default.TextProps[] {
  return line.map(({ text, bold, colour }, index) => ({
    text,
    options: { bold: bold === true, ...(colour === undefined ? {} : { color: colour }), breakLine: ends && index === line.length - 1 },
  }));
}

/** A line for each piece, the last one with the arrow. */
function addPath(slide: Target, { points, colour, width, dashed, arrow }: Extract<Shape, { kind: "path" }>): void {
  points.slice(1).forEach((to, index) => {
    const from = points[index] ?? to;
    const last = arrow && index === points.length - 2;
    const back = to.x < from.x || to.y < from.y;
    slide.addShape("line", {
      x: Math.min(from.x, to.x),
      y: Math.min(from.y, to.y),
      w: Math.abs(to.x - from.x),
      h: Math.abs(to.y - from.y),
      line: {
        color: colour,
        width,
        ...(dashed ? { dashType: "sysDash" as const } : {}),
        ...(last ? (back ? { beginArrowType: "triangle" as const } : { endArrowType: "triangle" as const }) : {}),
      },
    });
  });
}

function addTable(slide: Target, { place, size, widths, heights, head, rows, right }: Extract<Shape, { kind: "table" }>): void {
  const none: Library.default.BorderProps = { type: "none" };
  const cell = (content: Library.default.TextProps[], index: number, fill: string | null): Library.default.TableCell => ({
    text: content,
    options: {
      align: right[index] === true ? "right" : "left",
      valign: "middle",
      border: [none, none, { type: "solid", pt: 0.75, color: colours.rule }, none],
      ...(fill === null ? {} : { fill: { color: fill } }),
    },
  });
  slide.addTable(
    [
      head.map((title, index) => cell([{ text: title, options: { bold: true } }], index, "EFF6FF")),
      ...rows.map((row) => row.map((line, index) => cell(runs(line, false), index, null))),
    ],
    {
      x: place.x,
      y: place.y,
      w: place.w,
      colW: [...widths],
      rowH: [...heights],
      fontFace: "Arial",
      fontSize: size,
      color: colours.ink,
      margin: [0.04, 0.07, 0.04, 0.07],
      autoPage: false,
    },
  );
}

function addChart(slide: Target, { place, title, labels, series, format, stacked }: Extract<Shape, { kind: "chart" }>): void {
  slide.addChart(
    "bar",
    // Bars are drawn from the bottom up.
    series.map(({ name, values }) => ({ name, labels: labels.toReversed(), values: values.toReversed() })),
    {
      ...place,
      barDir: "bar",
      barGrouping: stacked ? "stacked" : "clustered",
      barGapWidthPct: 45,
      chartColors: series.map(({ colour }) => colour),
      showTitle: true,
      title,
      titleFontFace: "Arial",
      titleFontSize: 12,
      titleColor: colours.soft,
      showLegend: series.length > 1,
      legendPos: "b",
      legendFontFace: "Arial",
      legendFontSize: 10,
      showValue: true,
      dataLabelFormatCode: format,
      dataLabelFontFace: "Arial",
      dataLabelFontSize: 10,
      dataLabelColor: stacked ? "FFFFFF" : colours.ink,
      ...(stacked ? {} : { dataLabelPosition: "outEnd" as const }),
      catAxisLabelFontFace: "Arial",
      catAxisLabelFontSize: 10,
      catAxisLabelColor: colours.ink,
      valAxisHidden: true,
      valGridLine: { style: "none" },
      valAxisMinVal: 0,
    },
  );
}
