import { randomUUID } from "node:crypto";
import type { Channel } from "./channel.ts";
import { openSession, type SparkSession } from "./session.ts";

/** The sessions of one engine: a shared one for reading, and one for each write that runs. */
export interface Pool {
  /** The session that statements share; a new one when the last was lost. */
  shared(): Promise<SparkSession>;
  /** Work in a session that nobody else uses meanwhile, with these settings on top. */
  alone<T>(settings: Readonly<Record<string, string>>, work: (session: SparkSession) => Promise<T>): Promise<T>;
  /** A new name for a temporary view, which all sessions of this Spark see. */
  viewName(): string;
  close(): Promise<void>;
}

export interface PoolOptions {
  readonly channel: Channel;
  readonly settings: Readonly<Record<string, string>>;
  readonly patience: number;
  readonly redact: (text: string) => string;
}

interface Lone {
  readonly session: SparkSession;
  /** Names of the settings that its last user put on top. */
  extra: readonly string[];
}

/** Opens the shared session. @throws MillwrightError when Spark does not answer, or refuses a setting. */
export async function openPool({ channel, settings, patience, redact }: PoolOptions): Promise<Pool> {
  const own = randomUUID().replaceAll("-", "").slice(0, 12);
  let views = 0;
  const idle: Lone[] = [];
  const open = async (wait = patience): Promise<SparkSession> => {
    const session = openSession({ channel, patience: wait, redact });
    await session.configure(settings);
    return session;
  };
  // A wrong address should be told soon; later on a server that answered once is waited for.
  let current = Promise.resolve(await open(Math.min(patience, 10_000)));
  let used = performance.now();
  return {
    async shared() {
      const seen = current;
      const session = await seen.catch(() => null);
      // A server forgets a session that lies idle for long, and says so only when it is used: better now than by a statement that fails.
      const idleFor = performance.now() - used;
      used = performance.now();
      if (session !== null && !session.lost && idleFor > longIdle) await stillKnown(session, settings);
      if (session !== null && !session.lost) return session;
      // Of several that find it lost, the first opens the new one.
      if (current === seen) current = open();
      return current;
    },
    async alone(extra, work) {
      const lone = await borrow(idle, open, extra);
      try {
        return await work(lone.session);
      } finally {
        if (!lone.session.lost) idle.push(lone);
      }
    },
    viewName: () => `millwright_${own}_${++views}`,
    async close() {
      const last = await current.catch(() => null);
      await Promise.all([last, ...idle.map(({ session }) => session)].map((session) => session?.release()));
    },
  };
}

/** Milliseconds; Spark forgets sessions after an hour by default. */
const longIdle = 600_000;

/** Lets the server say whether it knows a session; then its `lost` tells. */
async function stillKnown(session: SparkSession, settings: Readonly<Record<string, string>>): Promise<void> {
  try {
    await session.configure(settings);
  } catch (error) {
    if (!session.lost) throw error;
  }
}

/** An idle session that the server still knows, or a new one. */
async function borrow(idle: Lone[], open: () => Promise<SparkSession>, extra: Readonly<Record<string, string>>): Promise<Lone> {
  for (let lone = idle.pop(); lone !== undefined; lone = idle.pop()) {
    const stale = lone.extra.filter((name) => !(name in extra));
    lone.extra = Object.keys(extra);
    const { session } = lone;
    try {
      await session.configure(extra, stale);
      return lone;
    } catch (error) {
      if (!session.lost) throw error;
    }
  }
  const session = await open();
  await session.configure(extra);
  return { session, extra: Object.keys(extra) };
}
