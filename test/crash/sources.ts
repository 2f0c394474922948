/** Preloaded (`node --import`) so that an example's platform file uses the sources as they stand, whatever is built. */
import { registerHooks } from "node:module";

const sources: Readonly<Record<string, string>> = {
  millwright: new URL("../../src/index.ts", import.meta.url).href,
  "millwright/systems": new URL("../../src/systems/index.ts", import.meta.url).href,
};

registerHooks({
  resolve(specifier, context, next) {
    const url = sources[specifier];
    return url === undefined ? next(specifier, context) : { url, shortCircuit: true };
  },
});
