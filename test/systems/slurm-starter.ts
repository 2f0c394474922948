// A process that submits the job that it is given and says its number; the test kills it.
import { system } from "../../src/systems/slurm.ts";

const launcher = await system.roles.launcher?.({ bin: process.argv[2] ?? "" }, { directory: "." });
const job = await launcher?.submit(JSON.parse(process.argv[3] ?? ""));
console.log(job?.id);
await job?.end(0);
