import { expect, onTestFinished, test } from "vitest";
import { compactAll, expireAll, fill, openWorld, type World } from "./world.ts";

/** Rows of each commit. */
const batch = 100;

/** Snapshots that expiry keeps in any case. */
const kept = 40;

async function current(lake: World): Promise<string> {
  return String((await lake.client.load("t"))?.metadata["current-snapshot-id"]);
}

/** Appends once more, again when another commit came first; an append is never made twice. */
async function append(lake: World, commit: number): Promise<void> {
  for (;;) {
    try {
      await fill(lake, 1, commit);
      return;
    } catch (error) {
      if (!/conflict|409|CommitFailed/i.test(String(error))) throw error;
    }
  }
}

test(
  "while tables are maintained, readers see whole commits and time travel gives the same; no append is lost",
  { timeout: 240_000 },
  async () => {
    const lake = await openWorld();
    onTestFinished(() => lake.close());
    await fill(lake, 60);
    let appended = 60;
    let sent = 60;
    let ended = false;
    const reads: number[] = [];
    const count = async (relation: string): Promise<number> => {
      const [row] = await lake.engine.ask(`SELECT count(*)::INTEGER AS n, count(DISTINCT id)::INTEGER AS ids FROM ${relation}`);
      expect(row?.["ids"]).toBe(row?.["n"]);
      return Number(row?.["n"]);
    };

    const writer = async () => {
      while (!ended) {
        sent += 1;
        await append(lake, sent - 1);
        appended += 1;
      }
    };
    const reader = async () => {
      while (!ended) {
        const least = appended;
        const rows = await count(lake.engine.relation("t", null));
        expect(rows % batch).toBe(0);
        expect(rows).toBeGreaterThanOrEqual(least * batch);
        expect(rows).toBeLessThanOrEqual(sent * batch);
        reads.push(rows);
      }
    };
    const traveller = async () => {
      const known = new Map<string, { readonly rows: number | null; readonly commits: number }>();
      while (!ended) {
        known.set(await current(lake), { rows: null, commits: appended });
        for (const [snapshot, { rows, commits }] of [...known].slice(-5)) {
          try {
            const now = await count(lake.engine.relation("t", snapshot));
            expect(now).toBe(rows ?? now);
            known.set(snapshot, { rows: now, commits });
          } catch (error) {
            // Only the snapshots of the last commits stay in any case, and compaction commits too.
            if (!/Could not find snapshot|No such file/.test(String(error)) || sent - commits < kept / 2) throw error;
          }
        }
      }
    };
    const maintainer = async () => {
      try {
        let [compacted, expired] = [0, 0];
        for (let round = 1; round <= 30 && (round <= 5 || compacted < 3 || expired === 0); round++) {
          const { compact, expire } = await lake.maintain({ compact: compactAll, expire: { ...expireAll, keepLast: kept } });
          compacted += (compact?.filesBefore ?? 0) > 0 ? 1 : 0;
          expired += expire?.snapshots ?? 0;
        }
        expect(compacted).toBeGreaterThanOrEqual(3);
        expect(expired).toBeGreaterThan(0);
      } finally {
        ended = true;
      }
    };
    await Promise.all([writer(), reader(), traveller(), maintainer()]);
    expect(await count(lake.engine.relation("t", null))).toBe(sent * batch);
    expect(reads.length).toBeGreaterThan(0);
    // What appends that lost their race left is told from what is in use, and removed when it is old enough.
    await lake.maintain({ orphans: { olderThanSeconds: 3600, dryRun: false } }, 7_200_000);
    expect(await lake.orphans()).toEqual([]);
  },
);
