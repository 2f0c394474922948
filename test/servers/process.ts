import { spawn } from "node:child_process";
import { extname } from "node:path";

/** A server that ends together with the process that started it, even when that is killed. */
export interface ServerProcess {
  /** All that it has written to standard output and standard error so far. */
  output(): string;
  /** Waits until the output matches; an error that shows the output when the server ends or `seconds` pass before. */
  ready(pattern: RegExp, seconds: number): Promise<RegExpExecArray>;
  /** Ends it at once (SIGKILL) and waits until it has ended and its folder is gone. */
  stop(): Promise<void>;
}

export interface ServerOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Removed when the server has ended. */
  readonly folder?: string;
}

/** Starts a server for tests. */
export function startServer(command: string, args: readonly string[], options: ServerOptions = {}): ServerProcess {
  const script = new URL(`./supervise${extname(import.meta.url)}`, import.meta.url);
  const child = spawn(process.execPath, [script.pathname, options.folder ?? "-", command, ...args], {
    stdio: ["pipe", "pipe", "pipe"],
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  let text = "";
  const watchers = new Set<() => void>();
  let ended = false;
  const tell = (): void => watchers.forEach((watcher) => watcher());
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      tell();
    });
  }
  const exit = new Promise<void>((resolve) => {
    child.once("close", () => {
      ended = true;
      tell();
      resolve();
    });
  });
  return {
    output: () => text,
    ready: (pattern, seconds) =>
      new Promise((resolve, reject) => {
        const settle = (action: () => void): void => {
          clearTimeout(timer);
          watchers.delete(look);
          action();
        };
        const look = (): void => {
          const match = pattern.exec(text);
          if (match !== null) settle(() => resolve(match));
          else if (ended) settle(() => reject(new Error(`${command} ended before it was ready:\n${text}`)));
        };
        const timer = setTimeout(
          () => settle(() => reject(new Error(`${command} was not ready within ${seconds} s:\n${text}`))),
          seconds * 1000,
        );
        watchers.add(look);
        look();
      }),
    async stop() {
      child.stdin.end();
      await exit;
    },
  };
}
