// A process that submits the job that it is given and waits for it; the test kills it.
import { openProcessLauncher } from "../../src/systems/process/launcher.ts";

const launcher = await openProcessLauncher();
const job = await launcher.submit(JSON.parse(process.argv[2] ?? ""));
for await (const line of job.lines(0)) console.log(line);
