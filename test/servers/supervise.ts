/**
 * Runs a command until it ends or the process that started this one ends, however that ends, then removes a folder:
 *
 *     node supervise.ts FOLDER|- COMMAND ARGUMENT...
 *
 * The starting process holds the other end of standard input; the system closes that even when the process is killed.
 */
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";

const [folder = "-", command = "", ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit"] });
// The data is thrown away, so that nothing is gained by a slow, orderly end.
const end = (): void => void child.kill("SIGKILL");

process.stdin.resume().once("end", end).once("error", end);
process.once("SIGINT", end).once("SIGTERM", end).once("SIGHUP", end);
child.once("error", (error) => finish(1, error.message));
child.once("exit", (code) => finish(code ?? 1));

function finish(code: number, message?: string): void {
  if (folder !== "-") rmSync(folder, { recursive: true, force: true });
  if (message !== undefined) process.stderr.write(`${message}\n`);
  process.exit(code);
}
