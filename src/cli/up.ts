import { stderr, stdout } from "node:process";
import { parseArgs } from "node:util";
import { up } from "../run/up.ts";
import { cancelOnSignals } from "./cancel.ts";
import { exitCodes } from "./exit.ts";
import { commonOptions, parsing, wholeNumber } from "./options.ts";
import { loadPlatform } from "./platform.ts";

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
