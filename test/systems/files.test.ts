import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect as connectDuckDB, openDuckDB } from "../../src/systems/duckdb/connection.ts";
import { files, system, type FilesOptions, type FilesTable } from "../../src/systems/files.ts";
import type { Source } from "../../src/systems/roles.ts";
import { extraction, sourceTable } from "../contracts/extracting.ts";
import { sourceContract, type SourceUnderTest, type Trip } from "../contracts/source.ts";

const connect = (directory: string, options: Omit<FilesOptions, "directory"> = {}): Promise<Source> => {
  if (system.roles.source === undefined) throw new Error("files are no source");
  return system.roles.source(files({ directory: ".", ...options }).options, { directory });
};

const columns = [
  { name: "id", type: "bigint" },
  { name: "name", type: "text" },
  { name: "amount", type: "double" },
  { name: "seen", type: "timestamp" },
] as const;

interface Kind {
  readonly name: string;
  readonly large: number;
  write(file: string, trips: readonly Trip[]): Promise<void>;
  readonly extension: string;
  spoil(directory: string): ReturnType<SourceUnderTest["spoil"]>;
  types(directory: string): ReturnType<SourceUnderTest["types"]>;
}

const quoted = (text: string | null): string => (text === null ? "" : `"${text.replaceAll('"', '""')}"`);
const csv = (trips: readonly Trip[]): string =>
  `id,name,amount,seen\n${trips.map(({ id, name, amount, seen }) => `${id},${quoted(name)},${amount ?? ""},${seen}\n`).join("")}`;
const textKinds = { b: "boolean", i: "bigint", d: "double", day: "date", at: "timestamp", t: "text", code: "text" } as const;
const textRows = [
  { b: true, i: "9007199254740993", d: 0.5, day: "2013-02-28", at: "2013-01-01 09:15:00.25", t: 'naïve 🚀, "x"\n2', code: "00501" },
  { b: false, i: "-1", d: 3, day: null, at: null, t: "", code: null },
];

const csvKind: Kind = {
  name: "CSV files",
  large: 400_000,
  extension: "csv.gz",
  write: (file, trips) => writeFile(file, gzipSync(csv(trips))),
  async spoil(directory) {
    const bad = [
      "id,name,amount,seen",
      '9001,"two',
      'lines",1.5.5,2013-01-01',
      "9002,few",
      "9003,x,1,2013-02-30",
      "",
      "x,y,1,2013-01-01",
      "9004,many,1,2013-01-01,z",
      '9005,"q"q,1,2013-01-01',
      "9006,b,1,\xff",
    ];
    await writeFile(join(directory, "trips.9.csv.zst"), zstdCompressSync(Buffer.from(bad.join("\r\n"), "latin1")));
    return {
      count: 7,
      origin: /^trips\.9\.csv\.zst:(2|4|5|7|8|9|10)$/,
      reason: /is no (double|timestamp|bigint)$|has [25] fields instead of 4|unterminated quote|unicode/,
      raw: /^(900\d|x),/,
    };
  },
  async types(directory) {
    await writeFile(
      join(directory, "kinds.csv"),
      '\ufeffb,i,d,day,at,t,code\r\ntrue,9007199254740993,0.5,2013-02-28,2013-01-01T10:15:00.25+01:00,"naïve 🚀, ""x""\n2",00501\r\nFALSE,-1,3,,"NA","",\r\n',
    );
    return { table: sourceTable("kinds"), columns: Object.entries(textKinds).map(([name, type]) => ({ name, type })), rows: textRows };
  },
};

const jsonKind: Kind = {
  name: "JSON lines",
  large: 300_000,
  extension: "jsonl.gz",
  write: (file, trips) => writeFile(file, gzipSync(trips.map((trip) => `${JSON.stringify(trip)}\n`).join(""))),
  async spoil(directory) {
    await writeFile(join(directory, "trips.9.jsonl.zst"), zstdCompressSync('{"id":9001,"amount":"much"}\n[]\n{"id":\n\n{"id":"one"}\n'));
    return {
      count: 4,
      origin: /^trips\.9\.jsonl\.zst:[1235]$/,
      reason: /is no (double|JSON|bigint)$|but no object/,
      raw: /^\{"id":|^\[\]$/,
    };
  },
  async types(directory) {
    const lines = [
      '{"b":true,"i":9007199254740993,"d":0.5,"day":"2013-02-28","at":"2013-01-01T10:15:00.25+01:00","t":"naïve 🚀, \\"x\\"\\n2","code":"00501"}',
      '{"b":false,"i":-1,"d":3,"day":null,"t":""}',
    ];
    await writeFile(join(directory, "kinds.ndjson"), lines.join("\n"));
    return { table: sourceTable("kinds"), columns: Object.entries(textKinds).map(([name, type]) => ({ name, type })), rows: textRows };
  },
};

async function parquet(file: string, sql: string): Promise<void> {
  const instance = await openDuckDB();
  const connection = await connectDuckDB(instance);
  await connection.run(`COPY (${sql}) TO '${file}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
}

const parquetKind: Kind = {
  name: "Parquet files",
  large: 1_000_000,
  extension: "parquet",
  async write(file, trips) {
    const source = `${file}.tmp`;
    await writeFile(source, csv(trips));
    await parquet(
      file,
      `SELECT id::BIGINT AS id, name, amount::DOUBLE AS amount, seen::TIMESTAMPTZ AS seen FROM read_csv('${source}', header = true, delim = ',', quote = '"', escape = '"', auto_detect = false, columns = {'id': 'VARCHAR', 'name': 'VARCHAR', 'amount': 'VARCHAR', 'seen': 'VARCHAR'})`,
    );
    await rm(source);
  },
  async spoil(directory) {
    await parquet(
      join(directory, "trips.9.parquet"),
      "SELECT unnest(['9001', 'x', '9002']) AS id, 'n' AS name, unnest(['1', '2', 'NaNa']) AS amount, unnest(['2013-02-30', '2013-01-01', '2013-01-01']) AS seen",
    );
    return { count: 3, origin: /^trips\.9\.parquet row [123]$/, reason: /is no (double|bigint|timestamp)$/, raw: /^\{"id":"/ };
  },
  async types(directory) {
    await parquet(
      join(directory, "kinds.parquet"),
      `SELECT true AS b, 1::TINYINT AS tiny, (-2147483648)::INTEGER AS i, 9223372036854775807 AS l, 18446744073709551615::UBIGINT AS u, 0.5::FLOAT AS f, 0.1::DOUBLE AS d, 12.5::DECIMAL(18,4) AS p, DATE '2013-02-28' AS day,
        TIMESTAMP '2013-01-01 10:15:00.25' AS at, TIMESTAMPTZ '2013-01-01 10:15:00+01:00' AS zoned, TIME '10:15:00' AS time, 'x' AS t, '\\x00\\xFF'::BLOB AS bytes, [1, 2] AS list, {'a': 1} AS struct, NULL::VARCHAR AS nothing`,
    );
    return {
      table: sourceTable("kinds"),
      columns: Object.entries({
        b: "boolean",
        tiny: "integer",
        i: "integer",
        l: "bigint",
        u: "decimal(38,0)",
        f: "double",
        d: "double",
        p: "decimal(18,4)",
        day: "date",
        at: "timestamp",
        zoned: "timestamp",
        time: "text",
        t: "text",
        bytes: "binary",
        list: "text",
        struct: "text",
        nothing: "text",
      } as const).map(([name, type]) => ({ name, type })),
      rows: [
        {
          b: true,
          tiny: 1,
          i: -2147483648,
          l: "9223372036854775807",
          u: "18446744073709551615",
          f: 0.5,
          d: 0.1,
          p: "12.5000",
          day: "2013-02-28",
          at: "2013-01-01 10:15:00.25",
          zoned: "2013-01-01 09:15:00",
          time: "10:15:00",
          t: "x",
          bytes: "\\x00\\xFF",
          list: "[1,2]",
          struct: '{"a":1}',
          nothing: null,
        },
      ],
    };
  },
};

for (const kind of [csvKind, jsonKind, parquetKind]) {
  sourceContract({
    name: kind.name,
    increments: "append",
    deletes: true,
    listsTables: true,
    large: kind.large,
    async start() {
      const directory = await mkdtemp(join(tmpdir(), "millwright-files-"));
      let next = 0;
      const tables: Record<string, FilesTable> = { trips: { path: "trips.*" }, kinds: { path: "kinds.*" } };
      return {
        connect: () => connect(directory, { tables }),
        table: sourceTable("trips"),
        columns,
        async write(trips) {
          for (let number = 0; number <= 9; number++)
            for (const extension of [kind.extension, kind.extension.replace("gz", "zst")])
              await rm(join(directory, `trips.${number}.${extension}`), { force: true });
          next = 2;
          const half = Math.ceil(trips.length / 2);
          await kind.write(join(directory, `trips.0.${kind.extension}`), trips.slice(0, half));
          await kind.write(join(directory, `trips.1.${kind.extension}`), trips.slice(half));
        },
        change: (trips) => kind.write(join(directory, `trips.${next++}.${kind.extension}`), trips),
        spoil: () => kind.spoil(directory),
        types: () => kind.types(directory),
        stop: () => rm(directory, { recursive: true, force: true }),
      };
    },
  });
}

describe("a folder of files", () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "millwright-files-"));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  test("a table is the file of its name, and its name is needed", async () => {
    await writeFile(join(directory, "sales.tsv"), "a\tb\n1\tx\n");
    const source = await connect(directory);
    expect((await extraction(source, sourceTable("sales"))).rows).toEqual([{ a: "1", b: "x" }]);
    await expect(source.describe(sourceTable("sails"))).rejects.toThrow("use one of: sales");
    await expect((await connect(join(directory, "nowhere"))).describe(sourceTable("sails"))).rejects.toThrow("nowhere: ENOENT");
  });

  test("rows and rejected lines are exactly the lines, at any size", async () => {
    const lines: string[] = [];
    const bad: number[] = [];
    for (let n = 0; n < 200_000; n++) {
      if (n % 997 === 5) bad.push(n + 2);
      lines.push(n % 997 === 5 ? (n % 2 === 0 ? `x${n},1` : `${n},1,2`) : `${n},${n / 2}`);
    }
    await writeFile(join(directory, "many.csv"), `id,half\n${lines.join("\n")}\n`);
    const source = await connect(directory);
    const read = await extraction(source, sourceTable("many"));
    expect(read.staged.rows + read.staged.rejected).toBe(200_000);
    expect(read.rejected.map(({ origin }) => Number(origin.split(":")[1])).toSorted((a, b) => a - b)).toEqual(bad);
    for (const { origin, raw } of read.rejected) expect(lines[Number(origin.split(":")[1]) - 2]).toBe(raw);
  });

  test("numbers are not rounded into whole ones, and zones are not forgotten", async () => {
    await writeFile(
      join(directory, "exact.csv"),
      "n,at\n1,2013-01-01T10:00:00+02:00\n12.7,2013-01-01T10:00:00Z\n1e3,2013-01-01T10:00:00Z\n99999999999999999999,epoch\n",
    );
    const read = await extraction(await connect(directory), sourceTable("exact"), {
      columns: [
        { name: "n", type: "bigint" },
        { name: "at", type: "timestamp" },
      ],
    });
    expect(read.rows).toEqual([{ n: "1", at: "2013-01-01 08:00:00" }]);
    expect(read.rejected.map(({ origin }) => origin)).toEqual(["exact.csv:3", "exact.csv:4", "exact.csv:5"]);
  });

  test("files of one table may order their columns differently, and a later one may have more", async () => {
    await writeFile(join(directory, "part1.csv"), "a;b\n1;x\n");
    await writeFile(join(directory, "part2.csv"), 'c,b,a\n2013-01-01,"y,z",2\n');
    const source = await connect(directory, { tables: { parts: { path: "part?.csv" } } });
    expect((await extraction(source, sourceTable("parts"))).rows).toEqual([
      { a: "1", b: "x", c: null },
      { a: "2", b: "y,z", c: "2013-01-01" },
    ]);
  });

  test("a changed file makes the extract a whole one, a new file does not", async () => {
    await writeFile(join(directory, "grow1.csv"), "a\n1\n");
    const source = await connect(directory, { tables: { grow: { path: "grow*.csv" } } });
    const first = await extraction(source, sourceTable("grow"));
    await writeFile(join(directory, "grow2.csv"), "a\n2\n");
    const second = await extraction(source, sourceTable("grow"), { position: first.position });
    expect([second.contains, second.rows]).toEqual(["changes", [{ a: "2" }]]);
    await writeFile(join(directory, "grow1.csv"), "a\n10\n");
    const third = await extraction(source, sourceTable("grow"), { position: second.position });
    expect([third.contains, third.rows]).toEqual(["all", [{ a: "10" }, { a: "2" }]]);
    await rm(join(directory, "grow2.csv"));
    expect((await extraction(source, sourceTable("grow"), { position: third.position })).contains).toBe("all");
  });

  test("a file's name may hold what a glob would take for a pattern", async () => {
    await writeFile(join(directory, "odd [1]*.csv"), "a\n1\nx\n");
    await parquet(join(directory, "odd [2]?.parquet"), "SELECT 2::BIGINT AS a");
    const source = await connect(directory, { tables: { odd: { path: "odd *" } } });
    const read = await extraction(source, sourceTable("odd"), { columns: [{ name: "a", type: "bigint" }] });
    expect(read.rows).toEqual([{ a: "1" }, { a: "2" }]);
    expect(read.rejected.map(({ origin }) => origin)).toEqual(["odd [1]*.csv:3"]);
  });

  test("a damaged Parquet file is an error that names it", async () => {
    await writeFile(join(directory, "broken.parquet"), "PAR1 no");
    await expect((await connect(directory)).describe(sourceTable("broken"))).rejects.toThrow("broken.parquet cannot be read as Parquet");
  });
});
