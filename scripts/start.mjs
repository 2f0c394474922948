// `npm start`: all set-up, then the main job on embedded defaults, ending by itself with a summary.
import { join } from "node:path";
import { root, setup, step } from "./setup.mjs";

setup();
step("node", [join("scripts", "main-job.ts")], { cwd: root });
