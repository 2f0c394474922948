import { openRegistry } from "../../src/registry/registry.ts";
import { registration } from "./registration.ts";

/** A process that registers one model: `node register-once.ts REGISTRY SCRATCH WEIGHTS`. */
const [directory = "", scratch = "", weights = ""] = process.argv.slice(2);
const registry = openRegistry(directory);
const { version } = registry.register(registration(scratch, weights));
console.log(version.version);
registry.close();
