import { MillwrightError } from "../error.ts";

/** A system for trying out that lives as long as the command. */
export interface Companion {
  /** What to write into the environment: `engine: spark({ url: "sc://127.0.0.1:15002" })`. */
  readonly binding: string;
  readonly url: string;
  stop(): Promise<void>;
}

/** Where Spark's own clients look for a Connect server. */
const sparkPort = 15_002;

/**
 * Starts a system on this machine; fetches it the first time, which takes minutes.
 *
 * @throws MillwrightError `bad-option` for a name that is none; `no-java`, `no-maven`, `maven`, `spark-start`.
 */
export async function startCompanion(name: string, note: (text: string) => void): Promise<Companion> {
  if (name !== "spark") throw new MillwrightError({ code: "bad-option", what: `--with cannot start '${name}'`, fix: "write --with spark" });
  const { startLocalSpark } = await import("../systems/spark/local.ts");
  note("starting Spark (fetched the first time, 360 MB)");
  const spark = await startLocalSpark({ port: sparkPort });
  return { binding: `engine: spark({ url: "${spark.url}" })`, url: spark.url, stop: () => spark.stop() };
}
