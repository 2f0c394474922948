import { spawn } from "node:child_process";
import { once } from "node:events";
import { stderr, stdout } from "node:process";
import { parseArgs } from "node:util";
import { up } from "../run/up.ts";
import { cancelOnSignals } from "./cancel.ts";
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
    parseArgs({ args: [...args], options: { ...commonOptions, port: { type: "string" }, host: { type: "string" } } }),
  );
  const port = wholeNumber(values.port, "--port", 0);
  const platform = await loadPlatform(values);
  const cancel = cancelOnSignals();
  const running = await up({
    ...platform,
    signal: cancel.signal,
    note: (text) => stderr.write(`${text}\n`),
    perform: (assets, signal) => runInChild(platform, assets, signal),
    ...(port === undefined ? {} : { port }),
    ...(values.host === undefined ? {} : { host: values.host }),
  });
  const { inference, catalog, token } = running.doors;
  stdout.write(
    values.json
      ? `${JSON.stringify(running.doors)}\n`
      : `inference  ${inference.http}\ncatalog    ${catalog}\ntoken      ${token}\nCtrl-C ends it\n`,
  );
  if (!cancel.signal.aborted)
    await new Promise<void>((resolve) => cancel.signal.addEventListener("abort", () => resolve(), { once: true }));
  await running.stop();
  return exitCodes.done;
}
