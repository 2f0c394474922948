import type { Renderer } from "./file.ts";

export type RenderKind = "monitoring";

/** Every kind of file that `millwright render` writes, each into a folder of its name; a renderer is loaded when it is asked for. */
export const renderers: Readonly<Record<RenderKind, () => Promise<Renderer>>> = Object.freeze({
  monitoring: async () => (await import("./monitoring.ts")).renderMonitoring,
});

export const renderKinds: readonly string[] = Object.keys(renderers);

export function isRenderKind(kind: string): kind is RenderKind {
  return Object.hasOwn(renderers, kind);
}
