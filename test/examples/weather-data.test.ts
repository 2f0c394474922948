import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { serveWeather, weatherApi, weatherRows, type WeatherRow } from "../../examples/flights/weather-api.ts";
import { freePort } from "../servers/port.ts";
import { referenceRows } from "./reference.ts";

interface Page {
  readonly data: readonly WeatherRow[];
  readonly page: number;
  readonly pages: number;
  readonly total: number;
}

/** Asks until it is not refused; `refusals` collects the status codes and Retry-After. */
async function ask(url: string, refusals: [number, string | null][]): Promise<Page> {
  for (;;) {
    const response = await fetch(url);
    const text = await response.text();
    if (response.ok) return JSON.parse(text);
    refusals.push([response.status, response.headers.get("retry-after")]);
  }
}

test("all pages together are the file, in order of hour and airport, for two waits of a second at most", async () => {
  const port = await freePort();
  const server = await serveWeather({ port });
  try {
    const base = `http://127.0.0.1:${port}/weather?per_page=1000`;
    const refusals: [number, string | null][] = [];
    const rows: WeatherRow[] = [];
    const first = await ask(`${base}&page=1`, refusals);
    expect({ page: first.page, pages: first.pages, total: first.total }).toEqual({ page: 1, pages: 27, total: 26_115 });
    rows.push(...first.data);
    for (let page = 2; page <= first.pages; page++) rows.push(...(await ask(`${base}&page=${page}`, refusals)).data);
    expect((await ask(`${base}&page=28`, refusals)).data).toEqual([]);
    expect(refusals).toEqual([
      [429, "1"],
      [500, null],
      [429, "1"],
    ]);

    const expected: string[] = [];
    for await (const row of referenceRows("weather")) {
      const { origin, time_hour } = row;
      const numbers = ["temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib"].map((name) =>
        row[name] == null ? null : Number(row[name]),
      );
      expected.push(JSON.stringify([time_hour, origin, ...numbers]));
    }
    const served = rows.map(({ origin, time_hour, ...numbers }) => JSON.stringify([time_hour, origin, ...Object.values(numbers)]));
    expect(served).toEqual(expected.toSorted((a, b) => (a.slice(0, 30) < b.slice(0, 30) ? -1 : 1)));
  } finally {
    server.close();
    server.closeAllConnections();
  }
}, 30_000);

test("since is inclusive, in UTC whether it says so or not, and beyond the end there is nothing", () => {
  const answer = weatherApi(weatherRows());
  const ends = (query: string): unknown => JSON.parse(JSON.stringify(answer("GET", `/weather?${query}`).body));
  expect(ends("since=2013-12-30T22:00:00Z&per_page=2")).toMatchObject({
    page: 1,
    pages: 3,
    total: 6,
    data: [{ origin: "EWR", time_hour: "2013-12-30T22:00:00Z" }, { origin: "JFK" }],
  });
  expect(ends("since=2013-12-30T22:00:00")).toMatchObject({ total: 6 });
  expect(ends("")).toMatchObject({ pages: 27 });
  expect(ends("since=2013-12-30T22:00:00.000001Z")).toMatchObject({ total: 6 });
  expect(ends("since=2014-01-01")).toEqual({ data: [], page: 1, pages: 0, total: 0 });
});

test("a request that makes no sense is refused with the reason", () => {
  const answer = weatherApi([]);
  expect(answer("GET", "/weather?page=0").status).toBe(400);
  expect(answer("GET", "/weather?per_page=1001")).toEqual({ status: 400, body: { error: "per_page is a whole number from 1 to 1000" } });
  expect(answer("GET", "/weather?since=yesterday").status).toBe(400);
  expect(answer("GET", "/").status).toBe(404);
  expect(answer("POST", "/weather").status).toBe(404);
});

test("requests side by side are refused at the same counts, and each of them at most once", () => {
  const answer = weatherApi(weatherRows(10));
  const statuses = Array.from({ length: 40 }, (_, index) => answer("GET", `/weather?page=${index + 1}`).status);
  expect(statuses.flatMap((status, index) => (status === 200 ? [] : [[index + 1, status]]))).toEqual([
    [7, 429],
    [14, 500],
    [27, 429],
    [34, 500],
  ]);
  const again = weatherApi(weatherRows(10));
  for (let count = 0; count < 6; count++) again("GET", "/weather?page=1");
  expect(again("GET", "/weather?page=2").status).toBe(429);
  for (let count = 8; count < 14; count++) again("GET", "/weather?page=1");
  expect(again("GET", "/weather?page=2").status).toBe(200);
});

test("the program waits for a port that comes free, and ends with its parent", async () => {
  const port = await freePort();
  const holder = await serveWeather({ port, rows: 1 });
  const program = new URL("../../examples/flights/weather-api.ts", import.meta.url).pathname;
  const parent = spawn(
    process.execPath,
    [
      "-e",
      `require("node:child_process").spawn(process.execPath, ${JSON.stringify([program, "--port", String(port)])}, { stdio: "inherit" }); setInterval(() => {}, 1000)`,
    ],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const ready = once(parent.stdout, "data");
  await wait(300);
  holder.close();
  const [line] = await ready;
  expect(String(line)).toBe(`weather on http://127.0.0.1:${port}/weather\n`);
  expect((await fetch(`http://127.0.0.1:${port}/weather?per_page=1`)).status).toBe(200);
  parent.kill("SIGKILL");
  // The next one gets the port while the former is still about to end.
  const next = await serveWeather({ port, rows: 1 });
  next.close();
}, 20_000);
