import { exit, stderr, stdout } from "node:process";
import { MillwrightError } from "../error.ts";
import { commands, isCommand, usage, type CommandName } from "./commands.ts";
import { exitCodes } from "./exit.ts";

/** What stands before a command's own arguments. @throws MillwrightError `unknown-command` */
function parseCommandLine(argv: readonly string[]): { command: CommandName | null; help: boolean; version: boolean } {
  const help = argv.includes("--help") || argv.includes("-h");
  const name = argv[0];
  if (name === undefined || name === "help" || name.startsWith("-"))
    return { command: null, help: help || name === "help", version: argv.includes("--version") };
  if (!isCommand(name)) {
    throw new MillwrightError({
      code: "unknown-command",
      what: `there is no command '${name}'`,
      fix: `use one of: ${Object.keys(commands).join(", ")}`,
    });
  }
  return { command: name, help, version: false };
}

/** Errors whose cause is what else goes on, not what was asked: the same command may succeed later. */
const surroundings: ReadonlySet<string> = new Set([
  "run-in-progress",
  "warehouse-busy",
  "port-unavailable",
  "cancelled",
  "catalog-start",
  "wheel-download",
  "maven",
  "alerts-unreachable",
  "spark-start",
  "server-unreachable",
  "server-refused",
  "version-not-ready",
]);

async function main(argv: readonly string[]): Promise<number> {
  const { command, help, version } = parseCommandLine(argv);
  if (version) {
    const { packageVersion } = await import("../version.ts");
    stdout.write(`${packageVersion()}\n`);
    return exitCodes.done;
  }
  if (command === null || help) {
    stdout.write(usage(command));
    return command === null && !help ? exitCodes.badInput : exitCodes.done;
  }
  const { run } = await commands[command].load();
  return run(argv.slice(1));
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof MillwrightError) {
    stderr.write(`error: ${error.message}\n`);
    process.exitCode = surroundings.has(error.problem.code) ? exitCodes.failed : exitCodes.badInput;
  } else {
    stderr.write(`error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = exitCodes.failed;
  }
}
// DuckDB's and ONNX Runtime's threads may outlive their owners; nothing of ours is left to wait for.
stdout.write("", () => exit());
