import { MillwrightError } from "../error.ts";
import type { Asset } from "./asset.ts";
import type { Columns } from "./column.ts";
import { parseDuration, type Duration } from "./duration.ts";
import { deepFreeze } from "./freeze.ts";
import type { ByteSize } from "./layout-types.ts";
import { parseSize } from "./layout.ts";
import type { MaintenanceNode } from "./node.ts";
import { callerOrigin } from "./origin.ts";
import { parseSchedule, type Schedule } from "./schedule.ts";
import type { Readable } from "./source.ts";

/** Maintenance as an asset. */
export interface Maintenance<out Sources extends string = string> extends Asset<Sources> {
  readonly node: MaintenanceNode;
}

/** What is done to which tables, and when. Only what is named here is done: without `expire` and `orphans` nothing is ever removed. */
export interface MaintenanceOptions<Sources extends string = string> {
  /** Tables of this platform; a name for one that is no asset, such as `"delay_predictions"`. @default every table of the platform's namespace */
  readonly tables?: readonly (Readable<Columns, Sources> | string)[];
  /** Put small files together, and write anew those that have lost a tenth of their rows. */
  readonly compact?: {
    /** Files smaller than this. @default "64 MB" */
    readonly below?: ByteSize;
    /** Files to aim at. @default the table's own file size, else 512 MiB */
    readonly into?: ByteSize;
  };
  /** Let go of old snapshots, and remove the files that only these need: time travel then ends there. */
  readonly expire?: {
    /** Snapshots that ceased to be the newest longer ago than this. */
    readonly olderThan: Duration;
    /** So many of the newest stay in any case. @default 3 */
    readonly keepLast?: number;
    /** Keep what the registered versions of models were trained on. @default true */
    readonly keepTrained?: boolean;
  };
  /** Remove files that no snapshot refers to: what killed and failed writers left. */
  readonly orphans?: {
    /** Files older than this; younger ones may belong to a commit that is still to come. An hour is the least. */
    readonly olderThan: Duration;
    /** Only tell which they are. @default false */
    readonly dryRun?: boolean;
  };
  /** When `millwright up`, or a run of everything, does it. Without one it is done when it is named. */
  readonly schedule?: Schedule;
}

/**
 * Keeps the lake's tables in shape: puts small files together, lets go of old snapshots, removes what killed writers left. Safe while others read and
 * write. It runs when its schedule is due, in UTC, or when it is named: `millwright run nightly`.
 *
 * @throws MillwrightError `bad-duration`, `bad-size`, `bad-schedule`, `bad-maintenance`
 * @example
 * const nightly = maintenance("nightly", {
 *   compact: { below: "64 MB" },
 *   expire: { olderThan: "7 days", keepLast: 3 },
 *   orphans: { olderThan: "3 days" },
 *   schedule: "daily at 03:00",
 * });
 */
export function maintenance<Sources extends string = never>(name: string, options: MaintenanceOptions<Sources>): Maintenance<Sources> {
  const origin = callerOrigin();
  const { tables, compact, expire, orphans, schedule } = options;
  const wrong = (what: string, fix: string) =>
    new MillwrightError({ code: "bad-maintenance", what: `the maintenance '${name}' ${what}`, where: origin, fix });
  if (compact === undefined && expire === undefined && orphans === undefined)
    throw wrong("says nothing to do", 'say what, e.g. compact: {}, expire: { olderThan: "7 days" }, orphans: { olderThan: "3 days" }');
  const keepLast = expire?.keepLast ?? 3;
  if (!Number.isSafeInteger(keepLast) || keepLast < 1)
    throw wrong(`keeps ${keepLast} snapshots`, "keep a whole number of them, at least 1");
  const orphanSeconds = orphans === undefined ? 0 : parseDuration(orphans.olderThan);
  if (orphans !== undefined && orphanSeconds < 3600)
    throw wrong(
      `takes files for orphans that are only ${orphans.olderThan} old, which a commit that is still to come may need`,
      "use at least '1 hour'; '3 days' is usual",
    );
  const node: MaintenanceNode = deepFreeze({
    kind: "maintenance",
    name,
    origin,
    tables: tables === undefined ? null : [...new Set(tables.map((table) => (typeof table === "string" ? table : table.node.name)))],
    compact:
      compact === undefined
        ? null
        : {
            below: parseSize(compact.below ?? "64 MB", origin),
            into: compact.into === undefined ? null : parseSize(compact.into, origin),
          },
    expire:
      expire === undefined
        ? null
        : { olderThanSeconds: parseDuration(expire.olderThan), keepLast, keepTrained: expire.keepTrained ?? true },
    orphans: orphans === undefined ? null : { olderThanSeconds: orphanSeconds, dryRun: orphans.dryRun ?? false },
    schedule: schedule === undefined ? null : parseSchedule(schedule, origin),
  });
  return Object.freeze({ node, dependencies: Object.freeze((tables ?? []).filter((table) => typeof table !== "string")) });
}
