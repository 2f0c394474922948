import { MillwrightError } from "../../error.ts";
import type { Job } from "../../systems/roles.ts";

/** `17179869184` to `17.2 GB`. */
export function bytesInWords(bytes: number): string {
  const unit = [["TB", 1e12] as const, ["GB", 1e9] as const, ["MB", 1e6] as const, ["kB", 1e3] as const].find(([, size]) => bytes >= size);
  return unit === undefined ? `${bytes} bytes` : `${Number((bytes / unit[1]).toPrecision(3))} ${unit[0]}`;
}

/** The error of a launcher that cannot give what a job asks for; each reason is half a sentence: `it asks for 2 nodes, and there is 1`. */
export function launchRefused(launcher: string, job: Pick<Job, "name">, reasons: readonly string[], fix: string): MillwrightError {
  return new MillwrightError({ code: "launch-refused", what: `${launcher} cannot run the job '${job.name}': ${reasons.join("; ")}`, fix });
}
