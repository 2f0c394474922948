#!/usr/bin/env node
// Plain JavaScript that any Node can parse: says what is missing in one line, else runs the compiled command line.
import { existsSync } from "node:fs";

const major = Number(process.versions.node.split(".")[0]);
const main = new URL("../dist/cli/main.js", import.meta.url);
if (major < 24) {
  console.error(`millwright needs Node 24 or later, this is ${process.version}; in a project: npm install --save-dev node@24`);
  process.exitCode = 2;
} else if (!existsSync(main)) {
  console.error("millwright is not built yet: run npm run build in its folder");
  process.exitCode = 2;
} else {
  await import(main.href);
}
