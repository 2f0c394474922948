import { spawn } from "node:child_process";
import { once } from "node:events";
import { stderr, stdout } from "node:process";
import { parseArgs } from "node:util";
import { MillwrightError } from "../error.ts";
import { up, type Doors } from "../run/up.ts";
import { cancelOnSignals } from "./cancel.ts";
import { startCompanion, type Companion } from "./companion.ts";
import { exitCodes } from "./exit.ts";
import { commonOptions, parsing, wholeNumber } from "./options.ts";
import { loadPlatform, type LoadedPlatform } from "./platform.ts";

/** A run that is due goes into a process of its own: it must not slow down those who ask endpoints. */
async function runInChild({ file, environment }: LoadedPlatform, assets: readonly string[], signal: AbortSignal): Promise<void> {
  const [, script = ""] = process.argv;
  const args = [...process.execArgv, script, "run", ...assets, "--wait", "--file", file, "--env", environment.name];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
  const end = () => void child.kill("SIGTERM");
  signal.addEventListener("abort", end, { once: true });
  try {
    const [code]: unknown[] = await once(child, "exit");
    if (code !== exitCodes.done && !signal.aborted) throw new Error(`the run ended with ${String(code)}`);
  } finally {
    signal.removeEventListener("abort", end);
  }
}

/** `millwright up`: serves until Ctrl-C or SIGTERM. */
export async function run(args: readonly string[]): Promise<number> {
  const { values } = parsing(() =>
    parseArgs({
      args: [...args],
      options: {
        ...commonOptions,
        port: { type: "string" },
        "grpc-port": { type: "string" },
        control: { type: "boolean", default: false },
        host: { type: "string" },
        with: { type: "string" },
        insecure: { type: "boolean", default: false },
      },
    }),
  );
  const port = wholeNumber(values.port, "--port", 0);
  const grpcPort = wholeNumber(values["grpc-port"], "--grpc-port", 0);
  const platform = await loadPlatform(values);
  const cancel = cancelOnSignals();
  const note = (text: string) => void stderr.write(`${text}\n`);
  const companion = values.with === undefined ? null : await startCompanion(values.with, note);
  try {
    if (companion !== null) note(`bind it: ${companion.binding}`);
    const running = await up({
      ...platform,
      signal: cancel.signal,
      insecure: values.insecure,
      control: values.control,
      note,
      perform: (assets, signal) => runInChild(platform, assets, signal),
      ...(port === undefined ? {} : { port }),
      ...(grpcPort === undefined ? {} : { grpcPort }),
      ...(values.host === undefined ? {} : { host: values.host }),
    }).catch((error: unknown) => {
      // What is to be served is made with the companion's help, by a run beside this.
      if (companion === null || !(error instanceof MillwrightError) || error.problem.code !== "no-champion") throw error;
      note(`nothing is served yet: ${error.problem.what}`);
      return null;
    });
    tell(running?.doors ?? null, companion, values.json);
    if (!cancel.signal.aborted)
      await new Promise<void>((resolve) => cancel.signal.addEventListener("abort", () => resolve(), { once: true }));
    await running?.stop();
  } finally {
    await companion?.stop();
  }
  return exitCodes.done;
}

function tell(doors: Doors | null, companion: Companion | null, json: boolean): void {
  if (json) {
    stdout.write(`${JSON.stringify({ ...doors, ...(companion === null ? {} : { spark: companion.url }) })}\n`);
    return;
  }
  const lines = [
    ...(doors === null
      ? []
      : [
          `inference  ${doors.inference.http}`,
          ...(doors.inference.grpc === undefined ? [] : [`gRPC       ${doors.inference.grpc}`]),
          `catalog    ${doors.catalog}`,
          `token      ${doors.token}`,
        ]),
    ...(companion === null ? [] : [`spark      ${companion.url}`]),
  ];
  stdout.write(`${lines.join("\n")}\nCtrl-C ends it\n`);
}
