import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { debianPackages } from "../../test/servers/debian-own.ts";

/** What a load found. */
export interface Load {
  readonly requests: number;
  readonly seconds: number;
  /** Seconds. */
  readonly p99: number;
}

const path = "/v2/models/trees/infer";

/** As many requests as go through so many connections, each with the next request when it has its answer (closed loop), by wrk. */
export async function closedLoop(url: string, body: string, connections: number, seconds: number): Promise<Load> {
  const { command, env } = await wrk();
  const folder = await mkdtemp(join(tmpdir(), "millwright-wrk-"));
  try {
    const script = join(folder, "request.lua");
    await writeFile(
      script,
      `wrk.method = "POST"
wrk.body = [==[${body}]==]
wrk.headers["content-type"] = "application/json"
function done(summary, latency)
  local errors = summary.errors
  print(string.format("RESULT %d %d %d %d", summary.requests, summary.duration, latency:percentile(99), errors.status + errors.read + errors.write + errors.connect + errors.timeout))
end
`,
    );
    const args = [
      "--threads",
      "1",
      "--connections",
      String(connections),
      "--duration",
      `${Math.max(1, Math.round(seconds))}s`,
      "--script",
      script,
      url + path,
    ];
    const { stdout } = await promisify(execFile)(command, args, { env: { ...process.env, ...env } });
    const [, requests, microseconds, p99, errors] = /RESULT (\d+) (\d+) (\d+) (\d+)/.exec(stdout) ?? [];
    if (p99 === undefined) throw new Error(`wrk's words cannot be read: ${stdout}`);
    if (errors !== "0") throw new Error(`${errors} of ${requests} requests failed: ${stdout}`);
    return { requests: Number(requests), seconds: Number(microseconds) / 1e6, p99: Number(p99) / 1e6 };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function wrk(): Promise<{ readonly command: string; readonly env: Readonly<Record<string, string>> }> {
  const installed = (process.env["PATH"] ?? "").split(delimiter).find((folder) => existsSync(join(folder, "wrk")));
  if (installed !== undefined) return { command: join(installed, "wrk"), env: {} };
  const root = await debianPackages("wrk", ["wrk"]);
  const machine = process.arch === "arm64" ? "aarch64" : "x86_64";
  return { command: join(root, "usr/bin/wrk"), env: { LD_LIBRARY_PATH: join(root, `usr/lib/${machine}-linux-gnu`) } };
}

/**
 * Requests that come at a fixed rate, whether earlier ones are answered or not (open loop), over as many connections as that needs.
 * A request's time begins when it is due, so that one that had to wait for a slow server counts with its wait.
 */
export async function openLoop(url: string, body: string, perSecond: number, seconds: number): Promise<Load> {
  const { hostname, port } = new URL(url);
  const bytes = Buffer.from(
    `POST ${path} HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  const count = Math.max(1, Math.round(perSecond * seconds));
  const free: Connection[] = [];
  const all: Connection[] = [];
  const times: number[] = [];
  const began = performance.now();
  try {
    await new Promise<void>((resolve, reject) => {
      let sent = 0;
      const due = (index: number): number => began + (index * 1000) / perSecond;
      const tick = (): void => {
        for (; sent < count && due(sent) <= performance.now(); sent++) {
          const begin = due(sent);
          let connection = free.pop();
          if (connection === undefined) all.push((connection = new Connection(hostname, Number(port), reject)));
          const used = connection;
          used.ask(bytes, () => {
            times.push(performance.now() - begin);
            free.push(used);
            if (times.length === count) resolve();
          });
        }
        if (sent < count) setTimeout(tick, Math.max(0, due(sent) - performance.now()));
      };
      tick();
    });
  } finally {
    for (const connection of all) connection.close();
  }
  const sorted = times.toSorted((a, b) => a - b);
  return { requests: count, seconds: (performance.now() - began) / 1000, p99: (sorted[Math.ceil(count * 0.99) - 1] ?? 0) / 1000 };
}

/** One connection with one request at a time. */
class Connection {
  readonly #socket: Socket;
  readonly #fail: (error: Error) => void;
  #answered: (() => void) | null = null;
  #text = "";

  constructor(host: string, port: number, fail: (error: Error) => void) {
    this.#fail = fail;
    this.#socket = connect({ host, port, noDelay: true });
    this.#socket.setEncoding("latin1");
    this.#socket.on("error", fail);
    this.#socket.on("data", (chunk: string) => this.#take(chunk));
    this.#socket.on("close", () => {
      if (this.#answered !== null) fail(new Error("the server closed a connection with a request on it"));
    });
  }

  ask(bytes: Buffer, answered: () => void): void {
    this.#answered = answered;
    this.#socket.write(bytes);
  }

  close(): void {
    this.#answered = null;
    this.#socket.destroy();
  }

  #take(chunk: string): void {
    this.#text += chunk;
    const end = this.#text.indexOf("\r\n\r\n");
    if (end === -1) return;
    const [, length] = /\r\ncontent-length: *(\d+)/i.exec(this.#text.slice(0, end + 2)) ?? [];
    if (!this.#text.startsWith("HTTP/1.1 200 ") || length === undefined)
      return this.#fail(new Error(`no answer: ${this.#text.slice(0, 300)}`));
    if (this.#text.length < end + 4 + Number(length)) return;
    this.#text = "";
    const answered = this.#answered;
    this.#answered = null;
    answered?.();
  }
}
