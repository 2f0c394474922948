import { existsSync, readFileSync } from "node:fs";
import { UnknownCodec } from "../../lake/catalog/avro.ts";
import type { Head } from "../../lake/catalog/heads.ts";
import { readManifestList } from "../../lake/catalog/manifest-list.ts";
import { readMetadata } from "../../lake/catalog/metadata.ts";
import { readManifest } from "../../lake/maintain/entry.ts";
import { localPath } from "../../lake/storage/address.ts";

const nothingInherited = { snapshot: 0n, sequence: 0n, spec: 0 } as const;

/** Bytes of the files of a table's current snapshot, added up from its manifests; null where these are not on this machine, or compressed in a way that we cannot undo. */
export function bytesOfFiles({ metadataLocation, snapshot }: Pick<Head, "metadataLocation" | "snapshot">): number | null {
  const metadata = contentOf(metadataLocation);
  if (metadata === null) return null;
  const current = readMetadata(metadata).snapshots.find((one) => String(one["snapshot-id"]) === snapshot);
  const list = contentOf(current?.["manifest-list"]);
  if (list === null) return null;
  try {
    let total = 0;
    for (const { path } of readManifestList(list).manifests) {
      const manifest = contentOf(path);
      if (manifest === null) return null;
      for (const { status, bytes } of readManifest(manifest, nothingInherited).entries) if (status !== "deleted") total += bytes;
    }
    return total;
  } catch (error) {
    if (error instanceof UnknownCodec) return null;
    throw error;
  }
}

function contentOf(location: string | undefined): Buffer | null {
  const path = location === undefined ? undefined : localPath(location);
  return path === undefined || !existsSync(path) ? null : readFileSync(path);
}
