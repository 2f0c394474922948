import type { Figure } from "../../plan/figure.ts";
import type { Status } from "../story/vocabulary.ts";

/** Inches from the top left corner of a slide of 13.333 by 7.5. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface Run {
  readonly text: string;
  readonly bold?: boolean;
  readonly colour?: string;
}

/** A line of text that may wrap. */
export type Line = readonly Run[];

/** What slides are made of, as plain data: what stands where is known, and can be tested, before a file is written. */
export type Shape =
  | {
      readonly kind: "text";
      readonly place: Place;
      readonly lines: readonly Line[];
      /** Points. */
      readonly size: number;
      readonly align?: "left" | "center" | "right";
      readonly anchor?: "top" | "middle";
    }
  | {
      readonly kind: "box";
      readonly place: Place;
      readonly fill: string;
      readonly line: string;
      readonly dashed?: boolean;
      readonly radius?: number;
    }
  /** Horizontal and vertical pieces from its first point to its last. */
  | {
      readonly kind: "path";
      readonly points: readonly { readonly x: number; readonly y: number }[];
      readonly colour: string;
      readonly width: number;
      readonly dashed: boolean;
      readonly arrow: boolean;
    }
  | {
      readonly kind: "table";
      readonly place: Place;
      readonly size: number;
      readonly widths: readonly number[];
      readonly heights: readonly number[];
      readonly head: readonly string[];
      readonly rows: readonly (readonly Line[])[];
      readonly right: readonly boolean[];
    }
  | {
      readonly kind: "chart";
      readonly place: Place;
      readonly title: string;
      readonly labels: readonly string[];
      readonly series: readonly { readonly name: string; readonly values: readonly number[]; readonly colour: string }[];
      /** How the axis and the bars print their numbers. */
      readonly format: string;
      readonly stacked: boolean;
    }
  | { readonly kind: "icon"; readonly place: Place; readonly png: Uint8Array };

export interface Slide {
  /** What the slide is about, small above the title. */
  readonly topic: string;
  /** What it says, in a sentence. */
  readonly title: string;
  readonly shapes: readonly Shape[];
  /** What is spoken, in the order of its weight. */
  readonly spoken: readonly string[];
  /** What ends it, whatever the time. */
  readonly last?: string;
  /** The numbers that it shows. */
  readonly figures: readonly Figure[];
}

export const colours: Readonly<Record<Status, string>> & {
  readonly ink: string;
  readonly soft: string;
  readonly accent: string;
  readonly rule: string;
  readonly ground: string;
} = Object.freeze({
  good: "15803D",
  bad: "B91C1C",
  open: "B45309",
  neutral: "475569",
  ink: "0F172A",
  soft: "475569",
  accent: "1D4ED8",
  rule: "CBD5E1",
  ground: "F8FAFC",
});

/** Where content may stand: below the title, above the footer. */
export const content: Place = Object.freeze({ x: 0.6, y: 1.45, w: 12.13, h: 5.45 });
