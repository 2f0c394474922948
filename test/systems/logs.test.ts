import { appendFile, copyFile, mkdir, mkdtemp, readFile, rename, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { SourceTableNode } from "../../src/define/node.ts";
import type { Position, Source } from "../../src/systems/roles.ts";
import { logs, system, type LogsOptions } from "../../src/systems/logs.ts";
import { extraction, sourceTable, type Extraction } from "../contracts/extracting.ts";
import { sourceContract, type Trip } from "../contracts/source.ts";

const connect = (directory: string, options: LogsOptions): Promise<Source> => {
  if (system.roles.source === undefined) throw new Error("logs are no source");
  return system.roles.source(logs(options).options, { directory });
};
const line = ({ id, name, amount, seen }: Trip): string => `${id} ${seen} ${amount ?? "-"} ${name ?? "-"}\n`;

sourceContract({
  name: "Log files",
  increments: "append",
  deletes: false,
  listsTables: true,
  large: 500_000,
  async start() {
    const directory = await mkdtemp(join(tmpdir(), "millwright-logs-"));
    await mkdir(join(directory, "trips"));
    const kinds = { id: "bigint", seen: "timestamp", amount: "double", name: "text" } as const;
    return {
      connect: () => connect(directory, { tables: { trips: { path: "trips/*" }, kinds: { path: "kinds.log" } } }),
      table: sourceTable("trips", { pattern: "{id:bigint} {seen:timestamp} {amount:double} {name...}" }),
      columns: Object.entries(kinds).map(([name, type]) => ({ name, type })),
      async write(trips) {
        const half = Math.ceil(trips.length / 2);
        await writeFile(join(directory, "trips/1.log.gz"), gzipSync(trips.slice(0, half).map(line).join("")));
        await writeFile(join(directory, "trips/2.log"), trips.slice(half).map(line).join(""));
        await rm(join(directory, "trips/3.log.zst"), { force: true });
      },
      change: (trips) => appendFile(join(directory, "trips/2.log"), trips.map(line).join("")),
      async spoil() {
        await writeFile(
          join(directory, "trips/3.log.zst"),
          zstdCompressSync(
            "9001 2013-02-30T00:00:00Z 1 wrong\n\n9002 2013-01-01T00:00:00Z 1,5 wrong\r\n9003\n99999999999999999999 2013-01-01T00:00:00Z 1 wrong",
          ),
        );
        return {
          count: 4,
          origin: /^trips\/3\.log\.zst:[1345]$/,
          reason: /is no (timestamp|double|bigint)$|does not match the pattern/,
          raw: /^(900[123]|99999999999999999999)( [^\r]*wrong)?$/,
        };
      },
      async types() {
        await writeFile(
          join(directory, "kinds.log"),
          'true -5 9007199254740993 1e-3 12.50 2013-02-28 [2013-01-01 10:15:00.25] "" a\\b|naïve 🚀 - x\n- - - - - - [-] "-" -|- \n',
        );
        return {
          table: sourceTable("kinds", {
            pattern: '{b:boolean} {i:integer} {l:bigint} {d:double} {p:decimal(10,2)} {day:date} [{at:timestamp}] "{empty}" {t}|{rest...}',
          }),
          columns: Object.entries({
            b: "boolean",
            i: "integer",
            l: "bigint",
            d: "double",
            p: "decimal(10,2)",
            day: "date",
            at: "timestamp",
            empty: "text",
            t: "text",
            rest: "text",
          } as const).map(([name, type]) => ({ name, type })),
          rows: [
            {
              b: true,
              i: -5,
              l: "9007199254740993",
              d: 0.001,
              p: "12.50",
              day: "2013-02-28",
              at: "2013-01-01 10:15:00.25",
              empty: "",
              t: "a\\b",
              rest: "naïve 🚀 - x",
            },
            { b: null, i: null, l: null, d: null, p: null, day: null, at: null, empty: null, t: null, rest: "- " },
          ],
        };
      },
      stop: () => rm(directory, { recursive: true, force: true }),
    };
  },
});

let directory: string;
let source: Source;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "millwright-logs-"));
});
beforeEach(async () => {
  await rm(join(directory, "log"), { recursive: true, force: true });
  await mkdir(join(directory, "log"));
  source = await connect(directory, { path: "log/*" });
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const at = (name: string): string => join(directory, "log", name);
const long = "-".repeat(80);
const numbers = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => `line ${from + index} ${long}\n`).join("");
const table = sourceTable("lines", { pattern: "line {n:bigint} {dashes}" });

/** Extracts again and again from the last position, as runs do. */
function reader(node: SourceTableNode = table): () => Promise<Extraction & { readonly seen: readonly number[] }> {
  let position: Position | null = null;
  return async () => {
    const read = await extraction(source, node, { position });
    position = JSON.parse(JSON.stringify(read.position)) as Position;
    return { ...read, seen: read.rows.map(({ n }) => Number(n)).toSorted((a, b) => a - b) };
  };
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);

describe("rotation", () => {
  test("a file that is renamed and followed by a new one is read on, not again", async () => {
    const read = reader();
    await writeFile(at("app.log"), numbers(0, 50));
    expect((await read()).seen).toEqual(range(0, 50));
    await appendFile(at("app.log"), numbers(50, 60));
    await rename(at("app.log"), at("app.log.1"));
    await writeFile(at("app.log"), numbers(60, 70));
    expect((await read()).seen).toEqual(range(50, 70));
    await rename(at("app.log.1"), at("app.log.2"));
    await rename(at("app.log"), at("app.log.1"));
    await writeFile(at("app.log"), numbers(70, 71));
    expect((await read()).seen).toEqual([70]);
  });

  test("a rotated file that is compressed is known by its text", async () => {
    const read = reader();
    await writeFile(at("app.log"), numbers(0, 50));
    await read();
    await appendFile(at("app.log"), numbers(50, 60));
    await writeFile(at("app.log.1.gz"), gzipSync(await readFile(at("app.log"))));
    await rm(at("app.log"));
    expect((await read()).seen).toEqual(range(50, 60));
    expect((await read()).seen).toEqual([]);
  });

  test("a file that is copied and truncated is read on in the copy and begun anew", async () => {
    const read = reader();
    await writeFile(at("app.log"), numbers(0, 50));
    await read();
    await appendFile(at("app.log"), numbers(50, 60));
    await copyFile(at("app.log"), at("app.log.1"));
    await truncate(at("app.log"));
    await appendFile(at("app.log"), numbers(60, 130));
    expect((await read()).seen).toEqual(range(50, 130));
  });

  test("while the files are being read, nothing is lost and nothing doubled", async () => {
    const total = 60;
    const read = reader();
    await writeFile(at("app.log"), numbers(0, 1));
    const seen: number[] = [];
    const writing = (async () => {
      for (let n = 1; n < total; n++) {
        await appendFile(at("app.log"), numbers(n, n + 1));
        if (n % 7 === 0) {
          for (let age = 9; age >= 1; age--)
            await rename(at(`app.log.${age}`), at(`app.log.${age + 1}`)).catch((error: Error) => expect(error.message).toContain("ENOENT"));
          await rename(at("app.log"), at("app.log.1"));
        }
        await new Promise((resolve) => setTimeout(resolve, 15));
      }
    })();
    let done = false;
    const finished = writing.finally(() => (done = true));
    try {
      while (!done) seen.push(...(await read()).seen);
    } finally {
      await finished;
    }
    // A rotation during the last extract may have hidden a file from it, never from the next one.
    seen.push(...(await read()).seen);
    expect(seen.toSorted((a, b) => a - b)).toEqual(range(0, total));
  });

  test("a last line that is still being written is left for the next time, and taken when the file has settled", async () => {
    const read = reader();
    await writeFile(at("app.log"), `${numbers(0, 2)}line 2`);
    expect((await read()).seen).toEqual([0, 1]);
    await appendFile(at("app.log"), ` ${long}\nline 3 ${long}`);
    expect((await read()).seen).toEqual([2]);
    source = await connect(directory, { path: "log/*", settled: 400 });
    const mark = await source.fingerprint(table);
    expect((await read()).seen).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await source.fingerprint(table)).not.toBe(mark);
    expect((await read()).seen).toEqual([3]);
    expect((await read()).seen).toEqual([]);
  });

  test("line numbers go on where the file was read on", async () => {
    const read = reader();
    await writeFile(at("app.log"), `${numbers(0, 2)}bad\n`);
    expect((await read()).rejected.map(({ origin }) => origin)).toEqual(["log/app.log:3"]);
    await appendFile(at("app.log"), `\nworse\n`);
    expect((await read()).rejected).toEqual([
      { origin: "log/app.log:5", reason: "does not match the pattern line {n:bigint} {dashes}", raw: "worse" },
    ]);
  });
});

describe("what cannot be read", () => {
  test("a compressed file that is cut off gives its whole lines and one rejected entry, and is read on when it is whole", async () => {
    const read = reader();
    // Random text, so that the compressed file is long enough to be cut in the middle.
    const text = range(0, 3000)
      .map((n) => `line ${n} ${(n * 2654435761).toString(36)}${(n * 40503 * 7919).toString(36)}\n`)
      .join("");
    const whole = gzipSync(text);
    await writeFile(at("app.log.gz"), whole.subarray(0, Math.floor(whole.length / 2)));
    const first = await read();
    expect(first.rejected).toHaveLength(1);
    expect(first.rejected[0]?.origin).toBe(`log/app.log.gz:${first.seen.length + 1}`);
    expect(first.rejected[0]?.reason).toMatch(/cut off/);
    await writeFile(at("app.log.gz"), whole);
    expect([...first.seen, ...(await read()).seen]).toEqual(range(0, 3000));
  });

  test("bytes that are no UTF-8 reject their line only", async () => {
    await writeFile(
      at("app.log"),
      Buffer.concat([
        Buffer.from("line 1 \ufffd\n"),
        Buffer.from([0x6c, 0x69, 0x6e, 0x65, 0x20, 0x32, 0x20, 0xff, 0x0a]),
        Buffer.from("line 3 é\n"),
      ]),
    );
    const read = await reader()();
    expect(read.rejected).toMatchObject([{ origin: "log/app.log:1" }, { origin: "log/app.log:2", reason: "is not valid UTF-8" }]);
    expect(read.seen).toEqual([3]);
  });

  test("equal lines are equal rows, and order does not matter", async () => {
    await writeFile(at("app.log"), "line 2 a\nline 1 a\nline 2 a\n");
    expect((await reader()()).seen).toEqual([1, 2, 2]);
  });

  test("a pattern that makes no sense is an error that says why", async () => {
    await writeFile(at("app.log"), "x\n");
    const failing = (pattern: string | null): Promise<unknown> => source.describe(sourceTable("lines", { pattern }));
    await expect(failing(null)).rejects.toThrow("declares no pattern");
    await expect(failing("{a}{b}")).rejects.toThrow("nothing between a and b");
    await expect(failing("{a:number}")).rejects.toThrow("unknown type 'number'");
    await expect(failing("{a} {a}")).rejects.toThrow("names a twice");
    await expect(failing("{a")).rejects.toThrow("names no field");
    await expect((await connect(directory, { path: "nowhere/*.log" })).fingerprint(table)).rejects.toThrow("no file matches nowhere/*.log");
  });
});

describe("well-known formats", () => {
  test("combined and common access logs", async () => {
    await writeFile(
      at("access.log"),
      [
        '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326 "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; \\"I\\" ;Nav)"',
        '::1 - - [01/Feb/2013:00:00:00 +0000] "-" 408 -',
        '10.0.0.1 - - [01/Foo/2013:00:00:00 +0000] "GET / HTTP/1.1" 200 1',
        "nonsense",
      ].join("\n") + "\n",
    );
    const read = await extraction(source, sourceTable("access", { pattern: "combined" }));
    expect(read.rows).toEqual([
      {
        host: "127.0.0.1",
        identity: null,
        user: "frank",
        time: "2000-10-10 20:55:36",
        request: "GET /apache_pb.gif HTTP/1.0",
        method: "GET",
        path: "/apache_pb.gif",
        protocol: "HTTP/1.0",
        status: 200,
        bytes: "2326",
        referer: "http://www.example.com/start.html",
        agent: 'Mozilla/4.08 [en] (Win98; \\"I\\" ;Nav)',
      },
      {
        host: "::1",
        identity: null,
        user: null,
        time: "2013-02-01 00:00:00",
        request: null,
        method: null,
        path: null,
        protocol: null,
        status: 408,
        bytes: null,
        referer: null,
        agent: null,
      },
    ]);
    expect(read.rejected.map(({ origin, reason }) => `${origin} ${reason}`)).toEqual([
      "log/access.log:3 time: text '01/Foo/2013:00:00:00 +0000' is no timestamp",
      "log/access.log:4 is no line of a combined access log",
    ]);
  });

  test("syslog of both standards; the old one's year follows from the file", async () => {
    await writeFile(
      at("messages"),
      [
        '<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut="3"] An application event',
        "<34>Oct 11 22:14:15 mymachine su[230]: 'su root' failed",
        "Feb  3 01:02:03 host kernel: [0.0] started",
        "not syslog",
      ].join("\n") + "\n",
    );
    const march = new Date("2013-03-01T00:00:00Z");
    await utimes(at("messages"), march, march);
    const read = await extraction(source, sourceTable("system", { pattern: "syslog" }));
    expect(read.rows).toEqual([
      {
        priority: 165,
        time: "2003-10-11 22:14:15.003",
        host: "mymachine.example.com",
        application: "evntslog",
        process: null,
        message_id: "ID47",
        data: '[exampleSDID@32473 iut="3"]',
        message: "An application event",
      },
      {
        priority: 34,
        time: "2012-10-11 22:14:15",
        host: "mymachine",
        application: "su",
        process: "230",
        message_id: null,
        data: null,
        message: "'su root' failed",
      },
      {
        priority: null,
        time: "2013-02-03 01:02:03",
        host: "host",
        application: "kernel",
        process: null,
        message_id: null,
        data: null,
        message: "[0.0] started",
      },
    ]);
    expect(read.rejected.map(({ origin }) => origin)).toEqual(["log/messages:4"]);
  });

  test("JSON lines", async () => {
    await writeFile(
      at("app.json"),
      [
        '{"at":"2013-01-01T10:00:00+01:00","n":9007199254740993,"who":{"name":"a"},"ok":true}',
        '{"at":"2013-01-01T10:00:01Z","n":1,"ratio":0.5}',
        "[1]",
        '{"n":',
        '{"n":"x"}',
      ].join("\n") + "\n",
    );
    const json = sourceTable("app", { pattern: "json" });
    expect(await source.describe(json)).toEqual([
      { name: "at", type: "timestamp" },
      { name: "n", type: "bigint" },
      { name: "who", type: "text" },
      { name: "ok", type: "boolean" },
      { name: "ratio", type: "double" },
    ]);
    const read = await extraction(source, json);
    expect(read.rows).toEqual([
      { at: "2013-01-01 09:00:00", n: "9007199254740993", who: '{"name":"a"}', ok: true, ratio: null },
      { at: "2013-01-01 10:00:01", n: "1", who: null, ok: null, ratio: 0.5 },
    ]);
    expect(read.rejected.map(({ origin, reason }) => `${origin} ${reason}`)).toEqual([
      "log/app.json:3 is JSON, but no object",
      "log/app.json:4 is no JSON",
      "log/app.json:5 n: text 'x' is no bigint",
    ]);
  });
});
