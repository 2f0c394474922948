import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The repository's folder. */
export const root: string = fileURLToPath(new URL("..", import.meta.url));

/** The command line as users have it: built JavaScript. */
export const commandLine: string = fileURLToPath(new URL("../bin/millwright.js", import.meta.url));

/**
 * Where a module of src/ lies after the build. Benchmarks measure what is shipped; they import it by this address and
 * take its types from the source: `const run: typeof import("../src/run/run.ts") = await import(built("run/run"))`.
 */
export function built(module: string): string {
  const url = new URL(`../dist/${module}.js`, import.meta.url);
  if (!existsSync(url)) throw new Error(`${module} is not built: run npm run build`);
  return url.href;
}
