import type { Column } from "../../define/column.ts";
import type { Definition } from "../../define/node.ts";
import type { PlatformPlan } from "../../plan/vocabulary.ts";
import type { Feedback } from "../review/feedback.ts";

/** What the steps are told from: nothing else goes in. */
export interface StepsInput {
  /** Null while there is no platform file. */
  readonly platform: {
    readonly definition: Definition;
    /** Of the environment that is to be defended. */
    readonly plan: PlatformPlan;
    /** Columns by table, as schema.lock.json has them. */
    readonly columns: Readonly<Record<string, readonly Column[]>>;
  } | null;
  readonly folder: Folder;
  /** As review.json has it. */
  readonly feedback: readonly Feedback[];
}

/** What stands beside the platform file. */
export interface Folder {
  /** Paths from the platform file's folder: `schema.lock.json`, `operations/monitoring`. */
  readonly files: readonly string[];
  /** What `millwright review summary` wrote; null where nothing was. */
  readonly summary: string | null;
  /** The newest folder that `millwright design` wrote: `design`, or after changes `design-2`. */
  readonly design: {
    /** As a command names it. */
    readonly directory: string;
    /** The version before it, that it is held against; null for the first. */
    readonly before: string | null;
    /** The version that comes after it. */
    readonly next: string;
    readonly files: readonly string[];
    /** Its plan.json; null where there is none. */
    readonly plan: PlatformPlan | null;
  };
}

/** Text that belongs into the platform file. */
export interface PlatformLine {
  readonly text: string;
  /** Right behind this text of the file: `platform({`; null for a line of its own above `export default`. */
  readonly after: string | null;
}

/** Something that a step lacks, and what completes it: a command, or lines of the platform file. */
export interface Missing {
  readonly what: string;
  /** For a shell in the platform file's folder; words in it that only a person can choose are examples. */
  readonly command: string | null;
  readonly lines: readonly PlatformLine[];
}

/** What a step finds. */
export interface Found {
  readonly done: readonly string[];
  readonly missing: readonly Missing[];
}

export interface Step extends Found {
  /** From 1. */
  readonly number: number;
  readonly title: string;
  /** Why it matters, in a sentence. */
  readonly why: string;
  readonly state: "done" | "open";
}

/** What a step's rules look at once there is a platform. */
export type Ground = NonNullable<StepsInput["platform"]> & Pick<StepsInput, "folder" | "feedback">;
