import type { Json, JsonObject } from "./json.ts";

/** A 64-bit integer: number where a double holds it exactly, bigint otherwise. Compare with `sameId`. */
export type Id = number | bigint;

export function sameId(a: Id | null | undefined, b: Id | null | undefined): boolean {
  return a === b || (typeof a !== typeof b && a != null && b != null && BigInt(a) === BigInt(b));
}

/** A column: `type` is a name such as `long` or a nested type. */
export type Field = JsonObject & { readonly id: number; readonly name: string; readonly type: Json };

export type Schema = {
  readonly type: "struct";
  readonly "schema-id": number;
  readonly "identifier-field-ids"?: readonly number[];
  readonly fields: readonly Field[];
};

export type PartitionField = {
  readonly "source-id": number;
  readonly "field-id": number;
  readonly name: string;
  readonly transform: string;
};

export type PartitionSpec = { readonly "spec-id": number; readonly fields: readonly PartitionField[] };

export type SortField = {
  readonly transform: string;
  readonly "source-id": number;
  readonly direction: string;
  readonly "null-order": string;
};

export type SortOrder = { readonly "order-id": number; readonly fields: readonly SortField[] };

export type Snapshot = {
  readonly "snapshot-id": Id;
  readonly "parent-snapshot-id"?: Id | null;
  readonly "sequence-number"?: number;
  readonly "timestamp-ms": number;
  readonly "manifest-list"?: string;
  readonly summary?: Readonly<Record<string, string>>;
  readonly "schema-id"?: number;
  readonly "first-row-id"?: number;
  readonly "added-rows"?: number;
  readonly "key-id"?: string;
};

export type Reference = JsonObject & { readonly "snapshot-id": Id; readonly type: "branch" | "tag" };

/** A table's metadata as Iceberg's specification writes it, format versions 1 to 3. */
export type TableMetadata = {
  readonly "format-version": number;
  readonly "table-uuid": string;
  readonly location: string;
  readonly "last-sequence-number": number;
  readonly "last-updated-ms": number;
  readonly "last-column-id": number;
  readonly "current-schema-id": number;
  readonly schemas: readonly Schema[];
  readonly "default-spec-id": number;
  readonly "partition-specs": readonly PartitionSpec[];
  readonly "last-partition-id": number;
  readonly "default-sort-order-id": number;
  readonly "sort-orders": readonly SortOrder[];
  readonly properties: Readonly<Record<string, string>>;
  readonly "current-snapshot-id": Id;
  readonly refs: Readonly<Record<string, Reference>>;
  readonly snapshots: readonly Snapshot[];
  readonly statistics: readonly JsonObject[];
  readonly "partition-statistics": readonly JsonObject[];
  readonly "snapshot-log": readonly { readonly "snapshot-id": Id; readonly "timestamp-ms": number }[];
  readonly "metadata-log": readonly { readonly "metadata-file": string; readonly "timestamp-ms": number }[];
  readonly "next-row-id"?: number;
  readonly "encryption-keys"?: readonly JsonObject[];
};

export type ViewVersion = {
  readonly "version-id": number;
  readonly "timestamp-ms": number;
  readonly "schema-id": number;
  readonly summary: Readonly<Record<string, string>>;
  readonly "default-catalog"?: string;
  readonly "default-namespace": readonly string[];
  readonly representations: readonly JsonObject[];
};

export type ViewMetadata = {
  readonly "view-uuid": string;
  readonly "format-version": number;
  readonly location: string;
  readonly schemas: readonly Schema[];
  readonly "current-version-id": number;
  readonly versions: readonly ViewVersion[];
  readonly "version-log": readonly { readonly "version-id": number; readonly "timestamp-ms": number }[];
  readonly properties: Readonly<Record<string, string>>;
};

/** The same shape, open to change while it is built. */
export type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** The snapshot that `main` points at; undefined for a table without one. */
export function currentSnapshot(metadata: TableMetadata): Snapshot | undefined {
  return findSnapshot(metadata, metadata["current-snapshot-id"]);
}

export function findSnapshot(metadata: TableMetadata, id: Id | null | undefined): Snapshot | undefined {
  // From the end: the snapshots asked for are nearly always the newest ones.
  return metadata.snapshots.findLast((snapshot) => sameId(snapshot["snapshot-id"], id));
}
