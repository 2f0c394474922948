import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { allMessages, damage } from "../../examples/flights/helpers/damage.ts";
import { prepare, type GatesManifest } from "../../examples/flights/prepare.ts";
import { referenceFlights, referenceRows, type ReferenceFlight } from "./reference.ts";

const line = /^(\S+Z) ([A-Z0-9]{3}) (OUT|OFF|ON|IN) (\S+) (\w{2})(\d+) (\S+Z)$/;
let folder: string;
let flights: ReferenceFlight[];
/** Distinct readable lines. */
const messages = new Set<string>();
const found = { truncated: 0, duplicates: 0, outOfOrder: 0 };
let manifest: GatesManifest;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flights-"));
  await prepare({ out: folder });
  flights = await referenceFlights();
  manifest = JSON.parse(readFileSync(join(folder, "gates/manifest.json"), "utf8"));
  let latest = "";
  for (const { name, lines } of manifest.files) {
    const texts = gunzipSync(readFileSync(join(folder, "gates", name)))
      .toString("utf8")
      .split("\n");
    expect(texts.pop()).toBe("");
    expect(texts.length).toBe(lines);
    for (const text of texts) {
      const time = line.exec(text)?.[1];
      if (time === undefined) found.truncated++;
      else if (messages.has(text)) found.duplicates++;
      else {
        messages.add(text);
        if (!name.startsWith(time.slice(0, 7))) expect(text).toBe(`a message of ${name}`);
        if (time < latest) found.outOfOrder++;
        else latest = time;
      }
    }
  }
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const iso = (time: number): string => new Date(time).toISOString().replace(".000", "");

test("the logs are damaged exactly as the constants and the manifest say", () => {
  expect(found).toEqual(damage);
  expect(manifest.damage).toEqual(damage);
  expect(manifest.messages).toEqual({ OUT: 328_521, OFF: 327_346, ON: 327_346, IN: 327_346 });
  expect(manifest.flights).toBe(336_776);
  expect(messages.size).toBe(allMessages - damage.truncated);
  const { OUT, OFF, ON, IN } = manifest.truncated;
  expect(OUT + OFF + ON + IN).toBe(damage.truncated);
  expect(manifest.files.reduce((sum, { lines }) => sum + lines, 0)).toBe(allMessages + damage.duplicates);
  expect(readdirSync(join(folder, "gates")).length).toBe(manifest.files.length + 1);
});

test("each flight that departed has one OUT at its scheduled departure plus its delay, but for the truncated ones, and no other has one", () => {
  const lines = new Map<string, string>();
  for (const text of messages) if (text.includes(" OUT ")) lines.set(text.slice(21), text);
  let missing = 0;
  for (const { fields, departureDelay, scheduled, carrier } of flights) {
    const key = `${fields["origin"]} OUT ${fields["tailnum"] ?? "-"} ${carrier}${fields["flight"]} ${iso(scheduled)}`;
    const text = lines.get(key);
    if (departureDelay === null) expect(text).toBeUndefined();
    else if (text === undefined) missing++;
    else if (text !== `${iso(scheduled + departureDelay * 60_000)} ${key}`) expect(text).toBe(key);
    lines.delete(key);
  }
  expect(lines.size).toBe(0);
  expect(missing).toBe(manifest.truncated.OUT);
}, 30_000);

test("IN is when the destination's clock shows arr_time, and ON minus OFF is the time in the air, with even taxi times", async () => {
  const zones = new Map([
    ["BQN", "America/Puerto_Rico"],
    ["PSE", "America/Puerto_Rico"],
    ["SJU", "America/Puerto_Rico"],
    ["STT", "America/St_Thomas"],
  ]);
  for await (const { faa, tzone } of referenceRows("airports")) if (faa && tzone) zones.set(faa, tzone);
  const clocks = new Map(
    [...new Set(zones.values())].map((zone) => [
      zone,
      new Intl.DateTimeFormat("sv-SE", { timeZone: zone, hour: "2-digit", minute: "2-digit" }),
    ]),
  );
  const times = new Map<string, Record<string, number>>();
  for (const text of messages) {
    const [time = "", , event = "", , flight, scheduled] = text.split(" ");
    const key = `${flight} ${scheduled}`;
    const known = times.get(key);
    if (known === undefined) times.set(key, { [event]: Date.parse(time) });
    else known[event] = Date.parse(time);
  }
  let complete = 0;
  const otherClock: number[] = [];
  for (const { id, fields, carrier, scheduled } of flights) {
    const { OUT, OFF, ON, IN } = times.get(`${carrier}${fields["flight"]} ${iso(scheduled)}`) ?? {};
    if (IN !== undefined) {
      const clock = clocks
        .get(zones.get(fields["dest"] ?? "") ?? "")
        ?.format(IN)
        .replace(":", "");
      if (Number(clock) !== Number(fields["arr_time"]) % 2400) otherClock.push(id);
    }
    if (OUT === undefined || OFF === undefined || ON === undefined || IN === undefined) continue;
    complete++;
    if (OFF - OUT !== IN - ON || OFF <= OUT || (ON - OFF) / 60_000 !== Number(fields["air_time"]))
      expect({ id, OUT, OFF, ON, IN }).toBeNull();
  }
  // It landed in the hour that the change to daylight saving skipped (data/README.md).
  expect(otherClock).toEqual([144_508]);
  expect(complete).toBeGreaterThan(327_346 - damage.truncated);
}, 60_000);

test("the database holds every row and value of the files", async () => {
  const database = new DatabaseSync(join(folder, "ops.sqlite"), { readOnly: true });
  try {
    for (const table of ["flights", "planes", "airports", "airlines"] as const) {
      const rows = database.prepare(`select * from ${table} order by rowid`).iterate();
      for await (const expected of referenceRows(table)) {
        const row = rows.next().value;
        for (const [name, field] of Object.entries(expected)) {
          const value = row?.[name];
          const same = field === null ? value === null : typeof value === "number" ? value === Number(field) : value === field;
          if (!same) expect({ table, name, value }).toEqual({ table, name, value: field });
        }
      }
      expect(rows.next().done).toBe(true);
    }
    const [flight] = database
      .prepare("select id, typeof(dep_delay) delay, typeof(flight) flight, typeof(tailnum) tailnum, updated_at from flights where id = 2")
      .all();
    expect({ ...flight }).toEqual({ id: 2, delay: "real", flight: "integer", tailnum: "text", updated_at: "2013-01-01T10:29:00Z" });
    const updated = database.prepare("select id, updated_at from flights").all();
    const wrong = updated.filter(({ id, updated_at }) => iso(flights[Number(id) - 1]?.scheduled ?? 0) !== updated_at);
    expect(wrong).toEqual([]);
    const plan = database.prepare("explain query plan select * from flights where updated_at > '2013-06-01' order by updated_at, id").all();
    expect(String(plan[0]?.["detail"])).toContain("USING INDEX flights_updated_at");
  } finally {
    database.close();
  }
}, 60_000);

test("what stands is left as it is, and what is missing is made again, byte by byte the same", async () => {
  const january = join(folder, "gates/2013-01.log.gz");
  const before = readFileSync(january);
  const time = statSync(january).mtimeMs;
  expect(await prepare({ out: folder })).toEqual({ folder, written: false });
  expect(statSync(january).mtimeMs).toBe(time);
  rmSync(january);
  expect(await prepare({ out: folder })).toEqual({ folder, written: true });
  expect(readFileSync(january).equals(before)).toBe(true);
  expect(readdirSync(folder).toSorted()).toEqual(["gates", "ops.sqlite", "stamp"]);
}, 60_000);

test("a sample holds the first flights, with its share of the damage, and replaces what stood there", async () => {
  const sample = mkdtempSync(join(tmpdir(), "flights-"));
  try {
    await prepare({ out: sample, rows: 6_000 });
    await prepare({ out: sample, rows: 5_000 });
    const { flights: count, damage: share, files }: GatesManifest = JSON.parse(readFileSync(join(sample, "gates/manifest.json"), "utf8"));
    expect({ count, share, files: files.map(({ name }) => name) }).toEqual({
      count: 5_000,
      share: { truncated: 18, duplicates: 54, outOfOrder: 36 },
      files: ["2013-01.log.gz"],
    });
    const database = new DatabaseSync(join(sample, "ops.sqlite"), { readOnly: true });
    const rows = database
      .prepare("select (select count(*) from flights) flights, (select max(id) from flights) last, (select count(*) from planes) planes")
      .all();
    database.close();
    expect(rows.map((row) => ({ ...row }))).toEqual([{ flights: 5_000, last: 5_000, planes: 3_322 }]);
    expect(existsSync(join(sample, "stamp"))).toBe(true);
  } finally {
    rmSync(sample, { recursive: true, force: true });
  }
}, 60_000);
