import type { Definition, EnvironmentNode } from "../define/node.ts";

/** A file that operates a platform, as text. */
export interface RenderedFile {
  /** From the folder of its kind, with slashes: `prometheus/prometheus.yml`. */
  readonly path: string;
  readonly content: string;
}

/** What a renderer computes from; nothing else goes in, so that the same platform file gives the same files. */
export interface RenderInput {
  readonly definition: Definition;
  readonly environment: EnvironmentNode;
}

export interface Rendered {
  readonly files: readonly RenderedFile[];
  /** What was left out and why, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Turns a platform in one environment into the files of one kind. Pure: it reads no file, no clock and no secret, which stay references
 * to files of the machine that reads them.
 */
export type Renderer = (input: RenderInput) => Rendered;

/** The first lines of a rendered file that may have comments. */
export function renderedBy({ definition, environment }: RenderInput, kind: string): string {
  return `# Rendered by millwright render ${kind}, of the platform ${definition.name} in the environment ${environment.name}.\n# Change the platform file and render again.\n`;
}
