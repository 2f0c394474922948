import { hashes, openWorkbench, sgdNode } from "./workbench.ts";

// One training, in a process that the test kills: prints each step that the script has done, and at the end the files' hashes.

const [kept = "", seconds = "0", steps = "8"] = process.argv.slice(2);
const bench = await openWorkbench();
const trained = await bench.train(sgdNode({ steps: Number(steps), seconds: Number(seconds) }), {
  kept,
  report: ({ done }) => console.log(`step ${done}`),
});
console.log(`done ${JSON.stringify(hashes(trained))}`);
await bench.close();
process.exit(0);
