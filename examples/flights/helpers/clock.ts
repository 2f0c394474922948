const zones = new Map<string, { readonly format: Intl.DateTimeFormat; readonly offsets: Map<number, number> }>();
const hourMilliseconds = 3_600_000;

/**
 * How far a zone's clock is ahead of UTC at an instant, in milliseconds. Offsets are kept by the hour: no zone of the
 * United States changes its clock within one.
 */
export function zoneOffset(zone: string, instant: number): number {
  let known = zones.get(zone);
  if (known === undefined) {
    const format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
    });
    known = { format, offsets: new Map() };
    zones.set(zone, known);
  }
  const hour = Math.floor(instant / hourMilliseconds);
  let offset = known.offsets.get(hour);
  if (offset === undefined) {
    const start = hour * hourMilliseconds;
    const part: Record<string, number> = {};
    for (const { type, value } of known.format.formatToParts(start)) part[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour: hours = 0, minute = 0 } = part;
    offset = Date.UTC(year, month - 1, day, hours, minute) - start;
    known.offsets.set(hour, offset);
  }
  return offset;
}

/**
 * The instant at which a zone's clock shows a local time, given as if it were UTC; both in milliseconds since 1970.
 * A time that the clock shows twice is the earlier one of the two; one that it skips is taken by the offset before the change.
 */
export function localToUtc(zone: string, local: number): number {
  const day = 24 * hourMilliseconds;
  const before = local - zoneOffset(zone, local - day);
  if (zoneOffset(zone, before) === local - before) return before;
  const after = local - zoneOffset(zone, local + day);
  return zoneOffset(zone, after) === local - after ? after : before;
}

/**
 * The first instant later than `after` at which a zone's clock shows `clock`, written as the data set writes it
 * (830 for half past eight, 2400 for midnight). Milliseconds since 1970.
 */
export function nextClockTime(zone: string, after: number, clock: number): number {
  const local = after + zoneOffset(zone, after);
  const midnight = local - (local % (24 * hourMilliseconds));
  const time = Math.floor(clock / 100) * hourMilliseconds + (clock % 100) * 60_000;
  for (const days of [0, 1, 2]) {
    const instant = localToUtc(zone, midnight + days * 24 * hourMilliseconds + time);
    if (instant > after) return instant;
  }
  throw new RangeError(`no ${clock} o'clock in ${zone} follows ${new Date(after).toISOString()}`);
}
