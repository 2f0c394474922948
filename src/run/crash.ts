/**
 * Kills this process, as a power cut would, when the environment variable `MILLWRIGHT_CRASH` holds `name`;
 * otherwise does nothing. The crash tests use it to stop at every commit point.
 */
export function crashPoint(name: string): void {
  if (process.env["MILLWRIGHT_CRASH"] !== name) return;
  process.kill(process.pid, "SIGKILL");
  // The signal may take a moment to arrive; nothing more may happen until then.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
