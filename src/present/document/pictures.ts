/** The diagram as the documents hold it. */
export interface Picture {
  readonly svg: string;
  readonly png: Uint8Array;
  /** Pixels, of the SVG: its form. */
  readonly width: number;
  readonly height: number;
}
