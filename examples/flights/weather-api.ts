/**
 * A small REST server of the hourly weather, as moody as a public one:
 *
 *     node weather-api.ts [--port 8017] [--rows N]
 *     GET /weather?page=1&per_page=1000&since=2013-06-01T00:00:00Z
 *     { "data": [{ "origin": "EWR", "time_hour": "2013-06-01T00:00:00Z", "temp": 87.08, ... }], "page": 1, "pages": 16, "total": 15273 }
 *
 * Rows come in order of time_hour, then origin; `since` is a moment in UTC and inclusive; `per_page` is at most 1000, and 1000 unless told.
 * Of every 20 requests for weather the 7th is answered 429 with `Retry-After: 1` and the 14th 500; the same request then succeeds.
 * It listens on 127.0.0.1 only, prints one line when it is ready, and ends together with the process that started it.
 */
import { createServer, type Server } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { readCsv } from "./helpers/csv.ts";
import { sampleSize } from "./helpers/options.ts";

/** Below the ports that operating systems lend out by themselves. */
export const defaultPort = 8_017;
export const largestPage = 1_000;

/** An hour at an airport, as JSON; null where nothing was measured. */
export type WeatherRow = Readonly<Record<string, string | number | null>>;

export interface Reply {
  readonly status: 200 | 400 | 404 | 429 | 500;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: object;
}

const served = ["origin", "time_hour", "temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib"];

/** The weather in the order in which it is served, at most `limit` rows. */
export function weatherRows(limit?: number): WeatherRow[] {
  const { columns, rows } = readCsv("weather");
  const positions = served.map((name) => columns.indexOf(name));
  const weather = rows.map((fields) =>
    Object.fromEntries(
      served.map((name, index) => {
        const field = fields[positions[index] ?? -1] ?? "";
        return [name, field === "" ? null : index < 2 ? field : Number(field)];
      }),
    ),
  );
  const order = (row: WeatherRow): string => `${row["time_hour"]} ${row["origin"]}`;
  return weather.sort((a, b) => (order(a) < order(b) ? -1 : 1)).slice(0, limit);
}

/** Answers requests in turn; it counts them, and remembers which ones it refused. */
export function weatherApi(rows: readonly WeatherRow[]): (method: string, url: string) => Reply {
  let requests = 0;
  const refused = new Set<string>();
  return (method, url) => {
    const { pathname, searchParams } = new URL(url, "http://127.0.0.1");
    if (method !== "GET" || pathname !== "/weather")
      return { status: 404, body: { error: `there is no ${method} ${pathname}; ask GET /weather` } };
    requests++;
    if (!refused.delete(url)) {
      if (requests % 20 === 7) {
        refused.add(url);
        return { status: 429, headers: { "retry-after": "1" }, body: { error: "too many requests" } };
      }
      if (requests % 20 === 14) {
        refused.add(url);
        return { status: 500, body: { error: "something went wrong" } };
      }
    }
    return page(rows, searchParams);
  };
}

/** A moment that names its zone; one without is UTC. */
const zoned = /(?:Z|[+-]\d{2}:\d{2})$/;

function page(rows: readonly WeatherRow[], query: URLSearchParams): Reply {
  const number = Number(query.get("page") ?? 1);
  const size = Number(query.get("per_page") ?? largestPage);
  const since = query.get("since");
  const moment = since === null || since === "" ? Number.NEGATIVE_INFINITY : Date.parse(zoned.test(since) ? since : `${since}Z`);
  if (!Number.isSafeInteger(number) || number < 1) return { status: 400, body: { error: "page is a whole number from 1" } };
  if (!Number.isSafeInteger(size) || size < 1 || size > largestPage)
    return { status: 400, body: { error: `per_page is a whole number from 1 to ${largestPage}` } };
  if (Number.isNaN(moment)) return { status: 400, body: { error: "since is a moment in UTC such as 2013-06-01T00:00:00Z" } };
  const first = rows.findIndex((row) => Date.parse(String(row["time_hour"])) >= moment);
  const wanted = first === -1 ? [] : rows.slice(first);
  const data = wanted.slice((number - 1) * size, number * size);
  return { status: 200, body: { data, page: number, pages: Math.ceil(wanted.length / size), total: wanted.length } };
}

/** Serves the weather on 127.0.0.1. While another holds the port, it tries again for three seconds: an earlier one may be ending. */
export async function serveWeather(options: { readonly port: number; readonly rows?: number }): Promise<Server> {
  const answer = weatherApi(weatherRows(options.rows));
  const server = createServer((request, response) => {
    const { status, headers, body } = answer(request.method ?? "GET", request.url ?? "/");
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  });
  for (const end = performance.now() + 3_000; ; await wait(100)) {
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    const failed = (error: NodeJS.ErrnoException): void => {
      if (error.code === "EADDRINUSE" && performance.now() < end) resolve(false);
      else reject(error);
    };
    server.once("error", failed).listen(options.port, "127.0.0.1", () => resolve(true));
    const listening = await promise;
    server.removeAllListeners("listening").off("error", failed);
    if (listening) return server;
  }
}

/** Ends this process soon after the one that started it has ended, however that ended; else the port would stay taken. */
function endWithParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(0);
  }, 200).unref();
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { port: { type: "string" }, rows: { type: "string" } } });
  const port = Number(values.port ?? process.env["PORT"] ?? defaultPort);
  const rows = sampleSize(values.rows);
  endWithParent();
  try {
    const server = await serveWeather({ port, ...(rows === undefined ? {} : { rows }) });
    const address = server.address();
    console.log(`weather on http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : port}/weather`);
  } catch (error) {
    console.error(
      `the weather server cannot listen on port ${port}: ${error instanceof Error ? error.message : String(error)}; choose another with --port`,
    );
    process.exitCode = 1;
  }
}
