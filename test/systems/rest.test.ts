import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import type { Source } from "../../src/systems/roles.ts";
import type { PaginationOptions } from "../../src/extract/pagination.ts";
import { rest, system, type RestOptions } from "../../src/systems/rest.ts";
import { extraction, sourceTable } from "../contracts/extracting.ts";
import { sourceContract, type Trip } from "../contracts/source.ts";

const connect = (options: RestOptions): Promise<Source> => {
  if (system.roles.source === undefined) throw new Error("rest is no source");
  return system.roles.source(rest(options).options, { directory: "/" });
};

interface Server {
  readonly url: string;
  stop(): Promise<void>;
}

async function serve(answer: (url: URL, request: IncomingMessage, response: ServerResponse) => unknown): Promise<Server> {
  const server = createServer((request, response) => {
    const body = answer(new URL(request.url ?? "/", "http://127.0.0.1"), request, response);
    if (body !== undefined)
      response.setHeader("content-type", "application/json").end(typeof body === "string" ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    stop: () => new Promise((resolve) => (server.closeAllConnections(), server.close(() => resolve()))),
  };
}

const quick = { attempts: 4, firstDelay: 5, longestDelay: 3000, timeout: 2000 };

for (const kind of ["page", "offset", "cursor", "link"] as const) {
  sourceContract({
    name: `REST by ${kind}`,
    increments: "cursor",
    deletes: true,
    listsTables: true,
    large: kind === "page" ? 100_000 : 20_000,
    async start() {
      let trips = new Map<number, Trip>();
      let spoilt: unknown[] = [];
      let requests = 0;
      const server = await serve((url, _request, response) => {
        requests++;
        // Faults now and then, as a public server has them.
        if (requests % 11 === 3) return (response.writeHead(500).end("oops"), undefined);
        if (requests % 17 === 5) return (response.writeHead(429, { "retry-after": "0" }).end(), undefined);
        if (requests % 23 === 7) return "<html>busy</html>";
        if (url.pathname === "/kinds") return `{"data":${kinds}}`;
        if (url.pathname !== "/v1/trips") return (response.writeHead(404).end(), undefined);
        const since = url.searchParams.get("since");
        const all: unknown[] = [...[...trips.values()].filter(({ seen }) => since === null || seen >= since), ...spoilt];
        const size = 1000;
        const start =
          kind === "page"
            ? (Number(url.searchParams.get("page")) - 1) * size
            : Number(url.searchParams.get(kind === "offset" ? "offset" : "at") ?? 0);
        const items = all.slice(start, start + size);
        const next = start + size < all.length ? start + size : null;
        if (kind === "link" && next !== null) {
          const to = new URL(url);
          to.searchParams.set("at", String(next));
          response.setHeader("link", `<${url.pathname}?first>; rel="first", <${to.pathname}${to.search}>; title="a, b"; rel="next"`);
        }
        return { result: { items }, meta: { next } };
      });
      const pagination: PaginationOptions = kind === "cursor" ? { kind, next: "meta.next", cursorParameter: "at" } : { kind };
      return {
        connect: () =>
          connect({
            url: `${server.url}/v1/`,
            retry: quick,
            tables: {
              trips: { path: "/trips", rows: "result.items", pagination, cursorParameter: "since" },
              kinds: { path: "/../kinds", rows: "data" },
            },
          }),
        table: sourceTable("trips", { key: ["id"], cursor: "seen" }),
        columns: [
          { name: "id", type: "bigint" },
          { name: "name", type: "text" },
          { name: "amount", type: "double" },
          { name: "seen", type: "timestamp" },
        ],
        async write(rows) {
          trips = new Map(rows.map((trip) => [trip.id, trip]));
          spoilt = [];
        },
        async change(rows) {
          for (const trip of rows) trips.set(trip.id, trip);
        },
        async spoil() {
          spoilt = [null, 5, { id: 9001, name: "wrong", amount: "much", seen: null }, { id: 9002, seen: "yesterday" }, { id: 1.5 }];
          return {
            count: 5,
            origin: /^trips page [56] item \d+$/,
            reason: /is no object|is no (double|timestamp|bigint)$/,
            raw: /^null$|^5$|^\{"id":(900|1\.5)/,
          };
        },
        async types() {
          return {
            table: sourceTable("kinds", { key: ["number"] }),
            columns: Object.entries({
              number: "bigint",
              wide: "bigint",
              ratio: "double",
              yes: "boolean",
              day: "date",
              at: "timestamp",
              words: "text",
              nested: "text",
              list: "text",
              mixed: "text",
              nothing: "text",
            } as const).map(([name, type]) => ({ name, type })),
            rows: [
              {
                number: "1",
                wide: "9007199254740993",
                ratio: 0.1,
                yes: true,
                day: "2013-02-28",
                at: "2013-01-01 09:15:00.25",
                words: "naïve 🚀",
                nested: '{"a":{"b":[1,null]}}',
                list: "[1,2]",
                mixed: "x",
                nothing: null,
              },
              {
                number: "2",
                wide: null,
                ratio: 3,
                yes: false,
                day: null,
                at: null,
                words: "",
                nested: null,
                list: null,
                mixed: "7",
                nothing: null,
              },
            ],
          };
        },
        stop: server.stop,
      };
    },
  });
}

const kinds =
  '[{"number":1,"wide":9007199254740993,"ratio":0.1,"yes":true,"day":"2013-02-28","at":"2013-01-01T10:15:00.25+01:00","words":"naïve 🚀","nested":{"a":{"b":[1,null]}},"list":[1,2],"mixed":"x","nothing":null},{"number":2,"ratio":3,"yes":false,"words":"","mixed":7}]';

describe("a server that misbehaves", () => {
  const servers: Server[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop();
  });
  const table = sourceTable("t", { key: ["id"] });
  const source = async (answer: Parameters<typeof serve>[0], options: Partial<RestOptions> = {}): Promise<Source> => {
    const server = await serve(answer);
    servers.push(server);
    return connect({ url: server.url, retry: quick, tables: { t: { path: "/t" } }, ...options });
  };

  test("Retry-After is waited for, in seconds and as a date", async () => {
    const times: number[] = [];
    const waiting = await source((_url, _request, response) => {
      times.push(performance.now());
      if (times.length === 1) return (response.writeHead(429, { "retry-after": "1" }).end(), undefined);
      if (times.length === 2)
        return (response.writeHead(503, { "retry-after": new Date(Date.now() + 2000).toUTCString() }).end(), undefined);
      return [{ id: 1 }];
    });
    expect(await waiting.describe(table)).toEqual([{ name: "id", type: "bigint" }]);
    expect(times[1]! - times[0]!).toBeGreaterThan(990);
    expect(times[2]! - times[1]!).toBeGreaterThan(900);
  });

  test("a pause that is too long, and faults without end, are errors with their reasons and no secret", async () => {
    const patient = await source((_url, _request, response) => (response.writeHead(429, { "retry-after": "86400" }).end(), undefined));
    await expect(patient.describe(table)).rejects.toThrow("429 Too Many Requests, and asks for a pause of 86400 s");
    const broken = await source((_url, request) => (request.socket.destroy(), undefined), { headers: { "x-key": "hidden" } });
    const failure = String(await broken.describe(table).catch((error: unknown) => error));
    expect(failure).toMatch(/no good answer in 4 attempts: (UND_ERR_SOCKET|ECONNRESET)/);
    expect(failure).not.toContain("hidden");
    const slow = await source(() => undefined, { retry: { ...quick, attempts: 2, timeout: 50 } });
    await expect(slow.describe(table)).rejects.toThrow("no answer within 50 ms");
    const odd = await source(() => "<html>");
    await expect(odd.describe(table)).rejects.toThrow('a reply that is no JSON (application/json, 6 characters, begins "<html>")');
    const absent = await source((_url, _request, response) => (response.writeHead(404).end(), undefined));
    await expect(absent.describe(table)).rejects.toThrow("/t answered 404 Not Found");
  });

  test("a reply without the list is an error that says what it has", async () => {
    const wrong = await source(() => ({ error: "quota", code: 1 }));
    await expect(wrong.describe(table)).rejects.toThrow("no list at '': it is an object with error, code");
    const empty = await source(() => []);
    await expect(empty.describe(table)).rejects.toThrow("no items to take the columns from");
  });

  test("a server that ignores the page number, repeats a cursor or a link, does not hold the run for ever", async () => {
    const columns = [{ name: "id", type: "bigint" }] as const;
    const same = await source(() => [{ id: 1 }], { tables: { t: { path: "/t", pagination: { kind: "page" } } } });
    await expect(extraction(same, table, { columns })).rejects.toThrow("page 2 of");
    let calls = 0;
    const looping = await source(() => ({ items: [{ id: ++calls }], next: "abc" }), {
      tables: { t: { path: "/t", rows: "items", pagination: { kind: "cursor", next: "next" } } },
    });
    expect((await extraction(looping, table, { columns })).rows).toEqual([{ id: "1" }, { id: "2" }]);
    const linking = await source(
      (url, _request, response) => (response.setHeader("link", `<${url.pathname}>; rel=next`), [{ id: ++calls }]),
      { tables: { t: { path: "/t", pagination: { kind: "link" } } } },
    );
    expect((await extraction(linking, table, { columns })).rows).toHaveLength(1);
    const leading = await source(
      (_url, _request, response) => (response.setHeader("link", '<http://evil.example/t>; rel="next"'), [{ id: 1 }]),
      { tables: { t: { path: "/t", pagination: { kind: "link" } } } },
    );
    await expect(extraction(leading, table, { columns })).rejects.toThrow("said to be at http://evil.example");
  });

  test("OAuth2 tokens are fetched, used, and renewed when they are refused", async () => {
    let token = 0;
    const requests: string[] = [];
    const server = await serve((url, request, response) => {
      if (url.pathname === "/token") {
        let body = "";
        request.on("data", (piece) => (body += String(piece)));
        request.on("end", () => {
          requests.push(body);
          response.setHeader("content-type", "application/json").end(JSON.stringify({ access_token: `token${++token}`, expires_in: 3600 }));
        });
        return undefined;
      }
      requests.push(String(request.headers.authorization));
      // The first token is revoked after one page, long before it expires.
      if (request.headers.authorization === "Bearer token1" && url.searchParams.get("page") !== "1")
        return (response.writeHead(401).end(), undefined);
      return Number(url.searchParams.get("page")) <= 3 ? [{ id: Number(url.searchParams.get("page")) }] : [];
    });
    servers.push(server);
    if (system.roles.source === undefined) throw new Error("rest is no source");
    const auth = { kind: "oauth2", tokenUrl: `${server.url}/token`, clientId: "me", clientSecret: "s3cret", scope: "read" };
    const source = await system.roles.source(
      { url: server.url, retry: quick, auth, tables: { t: { path: "/t", pagination: { kind: "page" } } } },
      { directory: "/" },
    );
    expect((await extraction(source, table, { columns: [{ name: "id", type: "bigint" }] })).rows).toHaveLength(3);
    expect(requests).toEqual([
      "grant_type=client_credentials&client_id=me&client_secret=s3cret&scope=read",
      "Bearer token1",
      "Bearer token1",
      "grant_type=client_credentials&client_id=me&client_secret=s3cret&scope=read",
      "Bearer token2",
      "Bearer token2",
      "Bearer token2",
    ]);
  });

  test("a password in the address is refused, and not repeated", async () => {
    const failure = String(await connect({ url: "http://me:hidden@127.0.0.1/", tables: {} }).catch((error: unknown) => error));
    expect(failure).toContain("use the option auth");
    expect(failure).not.toContain("hidden");
  });

  test("bearer and basic authorization are sent, and a refusal says so once", async () => {
    const seen: string[] = [];
    const answer: Parameters<typeof serve>[0] = (_url, request, response) => (
      seen.push(String(request.headers.authorization)),
      response.writeHead(401).end(),
      undefined
    );
    const server = await serve(answer);
    servers.push(server);
    for (const auth of [
      { kind: "bearer", token: "abc" },
      { kind: "basic", user: "a", password: "b" },
    ]) {
      if (system.roles.source === undefined) throw new Error("rest is no source");
      const source = await system.roles.source({ url: server.url, auth, tables: { t: { path: "/t" } } }, { directory: "/" });
      await expect(source.describe(table)).rejects.toThrow(/401 Unauthorized\n.*check the option auth/);
    }
    expect(seen).toEqual(["Bearer abc", "Basic YTpi"]);
  });
});
