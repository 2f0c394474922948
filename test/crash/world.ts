import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, mkdirSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { prepare } from "../../examples/flights/prepare.ts";
import { weatherApi, weatherRows } from "../../examples/flights/weather-api.ts";
import { readHeads, readHistory } from "../../src/lake/catalog/heads.ts";
import { noteOf } from "../../src/lake/note.ts";
import { openJournal } from "../../src/run/journal.ts";
import { statePaths } from "../../src/run/state.ts";
import { contentsOf, type Contents } from "../run/contents.ts";
import type { FlightsSettings } from "./platform.ts";

/** How large a state of the sources is. */
export interface Extent {
  /** Flights; undefined means all. */
  readonly flights?: number;
  readonly weather?: number;
}

/** The sources of examples/flights in a temporary folder, a weather server, and folders in which the platform runs on them. */
export interface World extends AsyncDisposable {
  /** Brings the sources to the state of that index, as if time had passed. */
  become(state: number): void;
  /** A new environment in which nothing has run yet. */
  environment(): FlightsEnvironment;
}

export interface FlightsEnvironment {
  readonly directory: string;
  /** One run in a process of its own; `crash` is MILLWRIGHT_CRASH. */
  start(options?: { readonly crash?: string; readonly helpers?: readonly string[] }): Run;
  /** Runs to the end; an error with its words when it does not succeed. */
  complete(): Promise<void>;
  contents(): Promise<Contents>;
  /** What is wrong with the journal: a broken chain, a commit not told or told twice; empty when all is well. */
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
export async function flightsWorld(states: readonly Extent[], model: Pick<FlightsSettings, "trees" | "days">): Promise<World> {
  const root = mkdtempSync(join(tmpdir(), "millwright-crash-"));
  const data = join(root, "data");
  const answers: ReturnType<typeof weatherApi>[] = [];
  for (const [index, { flights, weather }] of states.entries()) {
    await prepare({ out: join(root, `state-${index}`), ...(flights === undefined ? {} : { rows: flights }) });
    answers.push(weatherApi(weatherRows(weather)));
  }
  let answer = answers[0];
  const server = createServer((request, response) => {
    const { status, headers, body } = answer?.(request.method ?? "GET", request.url ?? "/") ?? { status: 404, headers: {}, body: {} };
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const settings = (helpers: readonly string[]): FlightsSettings => ({ data, weather: `http://127.0.0.1:${address.port}`, ...model, helpers });
  let environments = 0;
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
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  world.become(0);
  return world;
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
        env: { ...process.env, ...(crash === undefined ? {} : { MILLWRIGHT_CRASH: crash }) },
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
  };
  return environment;
}

function journalFaults(directory: string): string[] {
  const paths = statePaths(directory, "local");
  using journal = openJournal(paths.journal);
  const broken = journal.verify();
  const told = journal.events({ type: "asset.committed" }).map(({ asset, body }) => `${asset} ${String(body["snapshot"])}`);
  const committed = [...readHeads(paths.state, "flights").keys()].flatMap((table) =>
    readHistory(paths.state, "flights", table)
      .filter(({ summary }) => noteOf(summary) !== null)
      .map(({ id }) => `${table} ${id}`),
  );
  const once = new Set(told);
  return [
    ...(broken === null ? [] : [`the chain is broken at event ${broken}`]),
    ...(once.size === told.length ? [] : ["a commit is told twice"]),
    ...committed.filter((commit) => !once.has(commit)).map((commit) => `the commit ${commit} is not told`),
    ...told.filter((commit) => !committed.includes(commit)).map((commit) => `the journal tells of ${commit}, which is not there`),
  ];
}
