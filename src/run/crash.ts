let passed = 0;

/**
 * Kills this process, as a power cut would, at the commit point that the environment variable `MILLWRIGHT_CRASH`
 * names (`data-written`; `data-written:3` when it is reached for the third time); otherwise does nothing.
 * The crash tests use it to stop at every commit point.
 */
export function crashPoint(name: string): void {
  const wanted = process.env["MILLWRIGHT_CRASH"];
  if (wanted === undefined) return;
  const [point, time = "1"] = wanted.split(":");
  if (point !== name) return;
  passed += 1;
  if (passed !== Number(time)) return;
  process.kill(process.pid, "SIGKILL");
  // The signal may take a moment to arrive; nothing more may happen until then.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
