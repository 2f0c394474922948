import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { prepare } from "../../examples/flights/prepare.ts";
import { weatherApi, weatherRows } from "../../examples/flights/weather-api.ts";
import { readHeads, readHistory } from "../../src/lake/catalog/heads.ts";
import { noteOf } from "../../src/lake/note.ts";
import { openJournal } from "../../src/run/journal.ts";
import { openRegistry } from "../../src/registry/registry.ts";
import { statePaths } from "../../src/run/state.ts";
import { contentsOf, type Contents } from "../run/contents.ts";
import type { FlightsSettings } from "./platform.ts";

export interface WorldOptions {
  /** Flights of the sources; all when absent. */
  readonly flights?: number;
  /** Hours of weather; all when absent. */
  readonly weather?: number;
  /** The states that the sources go through: which share of their rows and lines, the oldest first, has come by then. */
  readonly shares: readonly number[];
  readonly model: Pick<FlightsSettings, "trees" | "days">;
}

/** The sources of examples/flights in a temporary folder, a weather server, and folders in which the platform runs on them. */
export interface World extends AsyncDisposable {
  /** Brings the sources to the state of that index, as if time had passed. */
  become(state: number): void;
  /** A new environment in which nothing has run yet. */
  environment(): FlightsEnvironment;
  /** Leaves the folder when the world ends, for somebody to look at; gives its path. */
  keep(): string;
}

export interface FlightsEnvironment {
  readonly directory: string;
  /** One run in a process of its own; `crash` is MILLWRIGHT_CRASH. */
  start(options?: { readonly crash?: string; readonly helpers?: readonly string[] }): Run;
  /** Runs to the end; an error with its words when it does not succeed. */
  complete(): Promise<void>;
  contents(): Promise<Contents>;
  /** Ids of the processes that a run of this environment has started, the run's own included, and that still live. */
  processes(): readonly number[];
  /** What is wrong with the journal: a broken chain, a commit or model not told or told twice, a run without an end; empty when all is well. */
  faults(): readonly string[];
}

export interface Run {
  readonly process: ChildProcess;
  /** How it ended, and what it printed. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null; readonly output: string }>;
  /** Kills the run and its children at once. */
  killAll(): void;
}

/** Prepares the states of the sources, the first of which is there at once. */
export async function flightsWorld({ flights, weather, shares, model }: WorldOptions): Promise<World> {
  const root = mkdtempSync(join(tmpdir(), "millwright-crash-"));
  const data = join(root, "data");
  const whole = join(root, "whole");
  await prepare({ out: whole, ...(flights === undefined ? {} : { rows: flights }) });
  const hours = weatherRows(weather);
  const answers: ReturnType<typeof weatherApi>[] = [];
  for (const [index, share] of shares.entries()) {
    writeShare(whole, share, join(root, `state-${index}`));
    answers.push(weatherApi(hours.slice(0, Math.ceil(share * hours.length))));
  }
  let answer = answers[0];
  const server = createServer((request, response) => {
    const { status, headers, body } = answer?.(request.method ?? "GET", request.url ?? "/") ?? { status: 404, headers: {}, body: {} };
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const settings = (helpers: readonly string[]): FlightsSettings => ({
    data,
    weather: `http://127.0.0.1:${address.port}`,
    ...model,
    helpers,
  });
  let environments = 0;
  let kept = false;
  const world: World = {
    become(state) {
      rmSync(data, { recursive: true, force: true });
      cpSync(join(root, `state-${state}`), data, { recursive: true, preserveTimestamps: true });
      answer = answers[state];
    },
    environment() {
      const directory = join(root, `environment-${(environments += 1)}`);
      mkdirSync(directory);
      return flightsEnvironment(directory, settings);
    },
    keep() {
      kept = true;
      return root;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      if (!kept) rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  world.become(0);
  return world;
}

/** Writes the sources as they were when only a share of them had come. */
function writeShare(whole: string, share: number, folder: string): void {
  cpSync(whole, folder, { recursive: true });
  using database = new DatabaseSync(join(folder, "ops.sqlite"));
  database.exec(
    `DELETE FROM flights WHERE updated_at > (SELECT updated_at FROM flights ORDER BY updated_at LIMIT 1 OFFSET (SELECT CAST(${share} * (count(*) - 1) AS INTEGER) FROM flights))`,
  );
  const logs = readdirSync(join(folder, "gates"))
    .filter((name) => name.endsWith(".log.gz"))
    .toSorted()
    .map((name) => ({
      file: join(folder, "gates", name),
      lines: gunzipSync(readFileSync(join(folder, "gates", name)))
        .toString()
        .trimEnd()
        .split("\n"),
    }));
  let left = Math.ceil(share * logs.reduce((sum, { lines }) => sum + lines.length, 0));
  for (const { file, lines } of logs) {
    const kept = lines.slice(0, left);
    left -= kept.length;
    if (kept.length === 0) rmSync(file);
    else if (kept.length < lines.length) writeFileSync(file, gzipSync(`${kept.join("\n")}\n`));
  }
}

const scripts = { sources: new URL("./sources.ts", import.meta.url).href, run: fileURLToPath(new URL("./run-once.ts", import.meta.url)) };

function flightsEnvironment(directory: string, settings: (helpers: readonly string[]) => FlightsSettings): FlightsEnvironment {
  const environment: FlightsEnvironment = {
    directory,
    start({ crash, helpers = [] } = {}) {
      const child = spawn(process.execPath, ["--import", scripts.sources, scripts.run, directory, JSON.stringify(settings(helpers))], {
        // A process group of its own, so that it can be killed with its children.
        detached: true,
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...process.env, [mark]: directory, ...(crash === undefined ? {} : { MILLWRIGHT_CRASH: crash }) },
      });
      let output = "";
      for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (output += text));
      return {
        process: child,
        ended: new Promise((resolve) => child.once("exit", (code, signal) => resolve({ code, signal, output }))),
        killAll() {
          if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
        },
      };
    },
    async complete() {
      const { code, signal, output } = await environment.start().ended;
      if (code !== 0) throw new Error(`the run ended with ${code ?? signal}: ${output}`);
    },
    contents: () => contentsOf(directory, "flights"),
    faults: () => journalFaults(directory),
    processes: () => processesWith(`${mark}=${directory}`),
  };
  return environment;
}

/** Every process inherits this variable from the run that started it. */
const mark = "MILLWRIGHT_TEST_ENVIRONMENT";

function processesWith(variable: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((id) => {
      try {
        return readFileSync(`/proc/${id}/environ`, "latin1").split("\0").includes(variable);
      } catch (error) {
        // It has ended meanwhile, or is another user's.
        if (error instanceof Error && "code" in error && ["ENOENT", "ESRCH", "EACCES"].includes(String(error.code))) return false;
        throw error;
      }
    })
    .map(Number);
}

function journalFaults(directory: string): string[] {
  const paths = statePaths(directory, "local");
  using journal = openJournal(paths.journal);
  const broken = journal.verify();
  const tellings = [...journal.events({ type: "asset.committed" }), ...journal.events({ type: "model.registered" })];
  const told = tellings.map(({ asset, run, body }) => `${asset} ${String(body["snapshot"] ?? body["version"])} of ${run}`);
  const committed = [...readHeads(paths.state, "flights").keys()].flatMap((table) =>
    readHistory(paths.state, "flights", table)
      .map(({ id, summary }) => ({ id, note: noteOf(summary) }))
      .flatMap(({ id, note }) => (note === null ? [] : [`${table} ${id} of ${note.run}`])),
  );
  using registry = closing(openRegistry(paths.models));
  committed.push(...registry.list().map(({ model, version, provenance }) => `${model} ${version} of ${provenance.run}`));
  const ended = new Set(journal.events({ type: "run.finished" }).map(({ run }) => run));
  const once = new Set(told);
  return [
    ...(broken === null ? [] : [`the chain is broken at event ${broken}`]),
    ...(once.size === told.length ? [] : ["a commit is told twice"]),
    ...journal
      .events({ type: "run.started" })
      .filter(({ run }) => !ended.has(run))
      .map(({ run }) => `the end of the run ${run} is not told`),
    ...committed.filter((commit) => !once.has(commit)).map((commit) => `the commit ${commit} is not told`),
    ...told.filter((commit) => !committed.includes(commit)).map((commit) => `the journal tells of ${commit}, which is not there`),
  ];
}

function closing<T extends { close(): void }>(thing: T): T & Disposable {
  return Object.assign(thing, { [Symbol.dispose]: () => thing.close() });
}
