import { readCsv } from "./csv.ts";
import { nextClockTime } from "./clock.ts";

/** Leaves the gate, leaves the ground, touches the ground, reaches the gate. */
export const gateEvents = ["OUT", "OFF", "ON", "IN"] as const;
export type GateEvent = (typeof gateEvents)[number];

/** Zones of the destinations that airports.csv.gz lacks. */
const furtherZones: Readonly<Record<string, string>> = {
  BQN: "America/Puerto_Rico",
  PSE: "America/Puerto_Rico",
  SJU: "America/Puerto_Rico",
  STT: "America/St_Thomas",
};

/** All gate messages in order of time. The arrays run in parallel, one entry a message. */
export interface GateMessages {
  /** How many flights they are of, cancelled ones counted. */
  readonly flights: number;
  /** Seconds since 1970. */
  readonly seconds: Float64Array;
  /** Index into `gateEvents`. */
  readonly events: Uint8Array;
  /** The line of a message, without a line feed. */
  line(index: number): string;
}

/**
 * The messages that the first `limit` flights sent, as far as they are known:
 *
 *     OUT = scheduled departure + dep_delay           IN = scheduled arrival + arr_delay
 *     OFF = OUT + taxi                                ON = IN - taxi          taxi = (IN - OUT - air_time) / 2
 *
 * A cancelled flight sends none, a diverted one (no arr_delay) only OUT. Messages of one second stand in the order of `gateEvents`,
 * then of the flights' rows.
 */
export function gateMessages(limit?: number): GateMessages {
  const { columns, rows } = readCsv("flights", limit);
  const at = (name: string): number => columns.indexOf(name);
  const [timeHour, minute, departureDelay, arrivalDelay, clock, airTime] = [
    at("time_hour"),
    at("minute"),
    at("dep_delay"),
    at("arr_delay"),
    at("sched_arr_time"),
    at("air_time"),
  ];
  const [carrier, flight, tailnum, origin, dest] = [at("carrier"), at("flight"), at("tailnum"), at("origin"), at("dest")];
  const zones = destinationZones();

  const keys = new Float64Array(rows.length * gateEvents.length);
  const tails: string[] = [];
  let count = 0;
  for (const [row, fields] of rows.entries()) {
    const field = (position: number): string => fields[position] ?? "";
    const scheduled = Date.parse(field(timeHour)) / 1000 + Number(field(minute)) * 60;
    tails.push(` ${field(tailnum) || "-"} ${field(carrier)}${field(flight)} ${isoTime(scheduled)}`);
    if (field(departureDelay) === "") continue;
    const out = scheduled + Number(field(departureDelay)) * 60;
    keys[count++] = keyOf(out, 0, row);
    if (field(arrivalDelay) === "" || field(airTime) === "") continue;
    const zone = zones.get(field(dest));
    if (zone === undefined) throw new Error(`no time zone is known of the airport ${field(dest)}`);
    const arrival = nextClockTime(zone, scheduled * 1000, Number(field(clock))) / 1000 + Number(field(arrivalDelay)) * 60;
    const taxi = (arrival - out - Number(field(airTime)) * 60) / 2;
    if (taxi < 0) throw new Error(`flight ${row + 1} was longer in the air than between its gates`);
    keys[count++] = keyOf(out + taxi, 1, row);
    keys[count++] = keyOf(arrival - taxi, 2, row);
    keys[count++] = keyOf(arrival, 3, row);
  }

  const sorted = keys.subarray(0, count).sort();
  const seconds = new Float64Array(count);
  const events = new Uint8Array(count);
  const flights = new Uint32Array(count);
  for (let index = 0; index < count; index++) {
    const key = sorted[index] ?? 0;
    flights[index] = key % rowSpan;
    events[index] = Math.floor(key / rowSpan) % 4;
    seconds[index] = Math.floor(key / rowSpan / 4) + firstSecond;
  }
  return {
    flights: rows.length,
    seconds,
    events,
    line(index) {
      const row = flights[index] ?? 0;
      const event = events[index] ?? 0;
      const airport = rows[row]?.[event < 2 ? origin : dest];
      return `${isoTime(seconds[index] ?? 0)} ${airport} ${gateEvents[event]}${tails[row]}`;
    },
  };
}

// One number orders a message: 25 bits of seconds, 2 of the event and 19 of the row are exact in a double.
const rowSpan = 2 ** 19;
const firstSecond = Date.UTC(2012, 11, 31) / 1000;

function keyOf(second: number, event: number, row: number): number {
  return ((second - firstSecond) * 4 + event) * rowSpan + row;
}

const days = new Map<number, string>();
const times: string[] = [];

/** `2013-01-01T10:17:00Z` of seconds since 1970. */
export function isoTime(second: number): string {
  const day = Math.floor(second / 86_400);
  let date = days.get(day);
  if (date === undefined) days.set(day, (date = new Date(day * 86_400_000).toISOString().slice(0, 11)));
  const time = second - day * 86_400;
  return date + (times[time] ??= `${new Date(time * 1000).toISOString().slice(11, 19)}Z`);
}

function destinationZones(): Map<string, string> {
  const { columns, rows } = readCsv("airports");
  const [faa, zone] = [columns.indexOf("faa"), columns.indexOf("tzone")];
  const zones = new Map(Object.entries(furtherZones));
  for (const fields of rows) if (fields[zone]) zones.set(fields[faa] ?? "", fields[zone]);
  return zones;
}
