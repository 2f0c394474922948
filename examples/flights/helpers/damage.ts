import { gateEvents, type GateEvent, type GateMessages } from "./messages.ts";

/** Messages of all 336,776 flights: 328,521 OUT and 327,346 each of OFF, ON and IN. */
export const allMessages = 1_310_559;

/** What is wrong in the logs of all flights. A sample has its share, rounded, at least one of each. */
export const damage: Damage = {
  /** Lines cut somewhere before their last field, as by a full disk: that message is lost. */
  truncated: 1_200,
  /** Lines that stand a second time, further down: a resend. */
  duplicates: 3_600,
  /** Lines that stand below a line of a later time: a late delivery. */
  outOfOrder: 2_400,
};

export interface Damage {
  readonly truncated: number;
  readonly duplicates: number;
  readonly outOfOrder: number;
}

export interface DamagedLog {
  /** `2013-01.log`: the month in UTC. */
  readonly name: string;
  readonly lines: readonly string[];
}

export interface Damaged {
  readonly logs: readonly DamagedLog[];
  readonly damage: Damage;
  /** How many of the truncated lines were which message. */
  readonly truncated: Readonly<Record<GateEvent, number>>;
}

/** Furthest that a line is moved or sent again below its place. */
const furthest = 400;

/** The share of `damage` for a number of messages. */
export function damageOf(messages: number): Damage {
  const share = (count: number): number => Math.max(1, Math.round((count * messages) / allMessages));
  return { truncated: share(damage.truncated), duplicates: share(damage.duplicates), outOfOrder: share(damage.outOfOrder) };
}

/** Writes the messages as logs of a month each and damages them, the same way every time. No message is damaged twice. */
export function damagedLogs(messages: GateMessages): Damaged {
  const count = messages.seconds.length;
  const wanted = damageOf(count);
  if (count < 4 * (wanted.truncated + wanted.duplicates + wanted.outOfOrder))
    throw new RangeError(`${count} messages are too few to damage`);
  const months = Array.from(messages.seconds, (second) => monthOf(second));
  const random = generator(2013);
  const pick = (limit: number): number => Math.floor(random() * limit);
  const damaged = new Set<number>();
  const anchors = new Set<number>();
  const cuts = new Map<number, number>();
  const moved = new Set<number>();
  const below = new Map<number, number[]>();
  const truncated = { OUT: 0, OFF: 0, ON: 0, IN: 0 };
  const place = (index: number, anchor: number): void => {
    damaged.add(index);
    anchors.add(anchor);
    below.set(anchor, [...(below.get(anchor) ?? []), index]);
  };

  while (moved.size < wanted.outOfOrder) {
    const index = pick(count);
    const anchor = index + 1 + pick(furthest);
    if (damaged.has(index) || anchors.has(index) || damaged.has(anchor) || months[anchor] !== months[index]) continue;
    // A line of the same second would not be out of order.
    if ((messages.seconds[anchor] ?? 0) <= (messages.seconds[index] ?? 0)) continue;
    moved.add(index);
    place(index, anchor);
  }
  for (let sent = 0; sent < wanted.duplicates;) {
    const index = pick(count);
    const anchor = index + pick(furthest);
    if (damaged.has(index) || anchors.has(index) || (anchor !== index && damaged.has(anchor)) || months[anchor] !== months[index]) continue;
    place(index, anchor);
    sent++;
  }
  while (cuts.size < wanted.truncated) {
    const index = pick(count);
    if (damaged.has(index) || anchors.has(index)) continue;
    damaged.add(index);
    cuts.set(index, random());
    const event = gateEvents[messages.events[index] ?? 0];
    if (event !== undefined) truncated[event]++;
  }

  const logs: { name: string; lines: string[] }[] = [];
  for (let index = 0; index < count; index++) {
    const name = `${months[index]}.log`;
    let log = logs.at(-1);
    if (log?.name !== name) logs.push((log = { name, lines: [] }));
    const cut = cuts.get(index);
    if (!moved.has(index)) log.lines.push(cut === undefined ? messages.line(index) : truncate(messages.line(index), cut));
    for (const late of below.get(index) ?? []) log.lines.push(messages.line(late));
  }
  return { logs, damage: wanted, truncated };
}

/** Cuts a line at a place between its eighth character and the end of its last field but one. */
function truncate(line: string, place: number): string {
  return line.slice(0, 8 + Math.floor(place * (line.lastIndexOf(" ") - 8)));
}

function monthOf(second: number): string {
  const day = Math.floor(second / 86_400);
  let month = monthsOfDays.get(day);
  if (month === undefined) monthsOfDays.set(day, (month = new Date(day * 86_400_000).toISOString().slice(0, 7)));
  return month;
}
const monthsOfDays = new Map<number, string>();

/** Park and Miller's minimal standard generator ("Random number generators: good ones are hard to find", 1988): numbers in [0, 1). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
