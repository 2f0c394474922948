const timestampText =
  /^(\d{4,6})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|z|UTC|[+-]\d{2}(?::?\d{2})?)?$/;

/**
 * Microseconds since 1970 in UTC of an ISO 8601 text (`2013-01-01T10:15:00Z`, `2013-01-01 10:15:00.25+01:00`, `2013-01-01`);
 * a text without a zone is UTC, digits beyond microseconds are cut. Undefined when it is no such text or no such day or time.
 */
export function timestampMicros(text: string): bigint | undefined {
  const match = timestampText.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "", zone] = match;
  const days = civilDays(Number(year), Number(month), Number(day));
  const offset = zoneMinutes(zone);
  if (
    days === undefined ||
    offset === undefined ||
    Number(hour) > (Number(minute) + Number(second) === 0 ? 24 : 23) ||
    Number(minute) > 59 ||
    Number(second) > 59
  )
    return undefined;
  const seconds = days * 86_400 + Number(hour) * 3600 + (Number(minute) - offset) * 60 + Number(second);
  const micros = Number(fraction.slice(0, 6).padEnd(6, "0"));
  return BigInt(seconds) * 1_000_000n + BigInt(micros);
}

/** Days since 1970 of `2013-01-31`, or of a timestamp at midnight; undefined when it is none. */
export function dateDays(text: string): number | undefined {
  const micros = /[T ]24/.test(text) ? undefined : timestampMicros(text);
  return micros === undefined || micros % 86_400_000_000n !== 0n ? undefined : Number(micros / 86_400_000_000n);
}

/** The digits of a decimal without its point, `12.5` at scale 2 being 1250n; undefined when it needs more precision or scale. */
export function decimalDigits(text: string, precision: number, scale: number): bigint | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = "", fraction = ""] = match;
  if (whole === "" && fraction === "") return undefined;
  const kept = fraction.replace(/0+$/, "");
  if (kept.length > scale) return undefined;
  const digits = BigInt(`${whole}${kept.padEnd(scale, "0")}` || "0");
  if (digits >= 10n ** BigInt(precision)) return undefined;
  return sign === "-" ? -digits : digits;
}

function civilDays(year: number, month: number, day: number): number | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() / 86_400_000 : undefined;
}

function zoneMinutes(zone: string | undefined): number | undefined {
  if (zone === undefined || zone === "Z" || zone === "z" || zone === "UTC") return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3).replace(":", "") || "0");
  return minutes > 18 * 60 ? undefined : zone.startsWith("-") ? -minutes : minutes;
}
