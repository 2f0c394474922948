// `npm run soak -- --writers MINUTES`: eight writers at once (our engine, Spark, PyIceberg) append to one table, first through our own
// catalog, then through the gateway to one of others, for so many minutes each; every commit must stand exactly once.
import { openPlace, writeTogether } from "../test/lake/engines/writers.ts";
import { startSpark } from "../test/servers/spark.ts";

export async function soakWriters(minutes: number): Promise<void> {
  const spark = await startSpark();
  try {
    for (const kind of ["ours", "gateway"] as const) {
      await using place = await openPlace(kind);
      const written = await writeTogether({ place, spark: spark.url, commits: 1_000_000, seconds: minutes * 60 });
      const { told, rows, distinct, snapshots, chained } = written;
      const lost = rows !== told || distinct !== told || snapshots !== told || !chained;
      console.log(
        `${kind}: ${told} commits told, ${rows} rows, ${distinct} distinct, ${snapshots} snapshots${chained ? "" : ", not one chain"}`,
      );
      if (lost) throw new Error(`${kind}: a commit was lost or stands twice`);
    }
  } finally {
    await spark.stop();
  }
}
