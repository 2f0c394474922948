import { stderr } from "node:process";

/**
 * A signal that aborts on Ctrl-C or SIGTERM (work ends consistently), and after `timeout` seconds.
 * A second Ctrl-C ends the process at once; the next run then goes on from the commits.
 */
export function cancelOnSignals(timeout?: number): AbortController {
  const controller = new AbortController();
  const cancel = (signal: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(130);
    if (signal === "SIGINT") stderr.write("stopping; press Ctrl-C again to end at once\n");
    controller.abort(new Error(`cancelled by ${signal}`));
  };
  process.on("SIGINT", cancel);
  process.on("SIGTERM", cancel);
  if (timeout !== undefined) setTimeout(() => controller.abort(new Error(`timed out after ${timeout} s`)), timeout * 1000).unref();
  return controller;
}
