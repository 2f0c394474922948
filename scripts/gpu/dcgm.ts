// Starts dcgm-exporter on a free port and looks for the names of GPU figures that dashboards and rules ask for.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout } from "node:timers/promises";

/** Of dcgm-exporter's own default list. */
const names = [
  "DCGM_FI_DEV_GPU_UTIL",
  "DCGM_FI_DEV_FB_USED",
  "DCGM_FI_DEV_FB_FREE",
  "DCGM_FI_DEV_POWER_USAGE",
  "DCGM_FI_DEV_GPU_TEMP",
  "DCGM_FI_DEV_XID_ERRORS",
];

const port = await freePort();
const exporter = spawn("dcgm-exporter", ["--address", `127.0.0.1:${port}`], { stdio: "ignore" });
const ended = once(exporter, "exit");
try {
  let text = "";
  for (let attempt = 0; attempt < 120 && !names.every((name) => text.includes(name)); attempt++) {
    await setTimeout(500);
    text = await fetch(`http://127.0.0.1:${port}/metrics`).then(
      (reply) => reply.text(),
      () => "", // not listening yet
    );
  }
  const lacking = names.filter((name) => !text.includes(name));
  console.log(JSON.stringify({ found: names.length - lacking.length, lacking }));
  if (lacking.length > 0) process.exitCode = 1;
} finally {
  exporter.kill();
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
