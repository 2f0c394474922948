/** What a picture of a platform shows: its parts and what flows between them, where they stand, or the way of the data from source to answer. */
export type DiagramView = "architecture" | "deployment" | "data-flow";

/** What the picture is for: a page of A4, or a slide of 16 by 9. */
export type DiagramForm = "page" | "slide";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

/** A line of text in its box; `width` is what the font needs, `height` that of a line. */
export interface TextLine extends Box {
  readonly text: string;
  /** Pixels. */
  readonly size: number;
  readonly bold: boolean;
  readonly tone: Tone;
}

/**
 * What a text is, and so how dark it is: `strong` is a name, `soft` a detail, `figure` a number, `alert` a mark in red, `change` what is other than in the
 * earlier version, on a ground of its own, `group` in its group's colour.
 */
export type Tone = "strong" | "soft" | "figure" | "alert" | "change" | "group";

/** A frame around nodes. */
export interface DiagramGroup extends Box {
  readonly id: string;
  readonly colour: GroupColour;
  readonly title: TextLine;
}

export type GroupColour = "blue" | "violet" | "green" | "orange" | "red" | "teal" | "grey";

/** A card. */
export interface DiagramNode extends Box {
  readonly id: string;
  readonly group: string;
  /** Of icons.ts or shapes.ts: `simple-icons:mysql`, `shape:disk`. */
  readonly icon: string;
  readonly iconBox: Box;
  /** Its name first. */
  readonly lines: readonly TextLine[];
  /** Only described: a dashed border. */
  readonly described: boolean;
  /** More than one of it: drawn as a pile. */
  readonly pile: boolean;
  /** A missed control or requirement: a red mark at the corner. */
  readonly marked: boolean;
}

export type RouteKind = "data" | "models" | "requests" | "metrics" | "control";

/** A link: a line of horizontal and vertical pieces from the edge of one node to that of another, where its arrow is. */
export interface DiagramRoute {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly kind: RouteKind;
  readonly points: readonly Point[];
  /** Routes of one net end (or begin) together, and may lie on each other there. */
  readonly net: string;
  readonly label: TextLine | null;
}

/** A sample and what it means. What found no room stands here too, as `marked`. */
export interface LegendEntry extends Box {
  readonly sample: RouteKind | "described" | "marked" | "change" | "removed";
  readonly text: TextLine;
}

/** A finished picture as plain data, in pixels: what SVG, PNG, draw.io and Lucidchart are written from. Frozen; the same plan gives the same picture. */
export interface Diagram {
  readonly view: DiagramView;
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** Above the picture: its title, and what stands below it. */
  readonly heading: readonly TextLine[];
  readonly groups: readonly DiagramGroup[];
  readonly nodes: readonly DiagramNode[];
  readonly routes: readonly DiagramRoute[];
  readonly legend: readonly LegendEntry[];
}

/** What is to be drawn, before it has a place. */
export interface Sketch {
  readonly view: DiagramView;
  readonly name: string;
  readonly title: string;
  readonly subtitle: string;
  readonly groups: readonly SketchGroup[];
  readonly nodes: readonly SketchNode[];
  readonly links: readonly SketchLink[];
  /** Parts of the earlier version that are no more, for the legend. */
  readonly removed?: readonly string[];
  /** Ways in which the groups may stand: bands of groups from top to bottom; the one that fits the paper best is taken. */
  readonly arrangements: readonly (readonly (readonly string[])[])[];
}

export interface SketchGroup {
  readonly id: string;
  readonly title: string;
  readonly colour: GroupColour;
  /** `layers`: a node stands below what it depends on. */
  readonly order: "grid" | "layers";
}

export interface SketchNode {
  readonly id: string;
  readonly group: string;
  readonly icon: string;
  readonly title: string;
  readonly lines: readonly { readonly text: string; readonly tone: Tone }[];
  readonly described: boolean;
  readonly pile: boolean;
  readonly marked: boolean;
}

export interface SketchLink {
  readonly from: string;
  readonly to: string;
  readonly kind: RouteKind;
  readonly label: string | null;
}
