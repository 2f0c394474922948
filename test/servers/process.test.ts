import { spawn } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { freePort } from "./port.ts";
import { startServer } from "./process.ts";

test("a lent port is free", async () => {
  const port = await freePort();
  const server = createServer();
  await new Promise<void>((resolve, reject) => void server.once("error", reject).listen(port, "127.0.0.1", resolve));
  await new Promise((resolve) => server.close(resolve));
});

test("a server that ends before it is ready is an error that shows what it wrote", async () => {
  const server = startServer(process.execPath, ["-e", "console.error('no such disk'); process.exit(3)"]);
  await expect(server.ready(/listening/, 10)).rejects.toThrow(/no such disk/);
  await server.stop();
});

test("a server and its folder go when the process that started it is killed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "server-"));
  const program = `
    import { startServer } from ${JSON.stringify(new URL("./process.ts", import.meta.url).href)};
    const server = startServer(process.execPath, ["-e", "console.log('pid ' + process.pid); setInterval(() => {}, 1000)"], { folder: ${JSON.stringify(folder)} });
    console.log((await server.ready(/pid (\\d+)/, 10))[1]);
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  const pid = await new Promise<number>((resolve) => parent.stdout.once("data", (chunk: Buffer) => resolve(Number(String(chunk)))));
  expect(runs(pid)).toBe(true);
  parent.kill("SIGKILL");
  for (let tries = 0; tries < 100 && (runs(pid) || existsSync(folder)); tries++) await wait(50);
  expect(runs(pid)).toBe(false);
  expect(existsSync(folder)).toBe(false);
}, 20_000);

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
    throw error;
  }
}
