import { describe, expect, test } from "vitest";
import avsc from "avsc";
import { readAvro, writeAvro } from "../../../src/lake/catalog/avro.ts";
import { readManifestList, totalsOf, writeManifestList, type ManifestList } from "../../../src/lake/catalog/manifest-list.ts";

const owner = { snapshot: 9223372036854775807n, parent: null, sequence: 3, formatVersion: 2 };

/** A list written with the schema of our own empty lists, by the avsc library's own encoder. */
function listOf(formatVersion: number, records: readonly object[]): ManifestList {
  const empty = readAvro(writeManifestList(null, [], { ...owner, formatVersion }));
  const type = avsc.Type.forSchema(JSON.parse(empty.header.get("avro.schema")?.toString() ?? ""));
  return readManifestList(
    writeAvro({ header: empty.header, records: records.map((value) => ({ value: {}, bytes: type.toBuffer(value) })) }),
  );
}

const manifest = {
  manifest_path: "file:///lake/m0.avro",
  manifest_length: 100,
  partition_spec_id: 0,
  content: 0,
  sequence_number: 1,
  min_sequence_number: 1,
  added_snapshot_id: 42,
  added_files_count: 2,
  existing_files_count: 1,
  deleted_files_count: 0,
  added_rows_count: 20,
  existing_rows_count: 5,
  deleted_rows_count: 0,
  partitions: [{ contains_null: false, contains_nan: null, lower_bound: Buffer.from("a"), upper_bound: Buffer.from("b") }],
  key_metadata: null,
};

describe("manifest lists", () => {
  test("an empty list names its owner, and has the fields of its format version", () => {
    const { file, manifests } = readManifestList(writeManifestList(null, [], { ...owner, formatVersion: 3 }));
    expect(manifests).toEqual([]);
    expect(file.header.get("snapshot-id")?.toString()).toBe("9223372036854775807");
    expect(file.header.get("sequence-number")?.toString()).toBe("3");
    expect(file.header.get("format-version")?.toString()).toBe("3");
    expect(file.header.get("avro.schema")?.toString()).toContain('"field-id":520');
  });

  test("kept manifests are copied byte for byte, also when the list is compressed", () => {
    const list = listOf(2, [manifest, { ...manifest, manifest_path: "file:///lake/m1.avro", added_snapshot_id: 43 }]);
    for (const codec of ["null", "deflate", "zstandard"]) {
      const file = { ...list.file, header: new Map([...list.file.header, ["avro.codec", Buffer.from(codec)]]) };
      const kept = readManifestList(writeManifestList(file, list.manifests.slice(1), owner));
      expect(kept.manifests.map(({ path, snapshot }) => [path, snapshot])).toEqual([["file:///lake/m1.avro", "43"]]);
      expect(kept.manifests[0]?.record.bytes).toEqual(list.manifests[1]?.record.bytes);
      expect(kept.file.header.get("avro.schema")).toEqual(list.file.header.get("avro.schema"));
    }
  });

  test("totals count data and deletes apart, and the snapshot's own additions", () => {
    const { manifests } = listOf(2, [
      manifest,
      { ...manifest, added_snapshot_id: 43 },
      { ...manifest, content: 1, added_files_count: 1, existing_files_count: 0 },
    ]);
    expect(totalsOf(manifests, 43)).toEqual({
      "added-records": "20",
      "added-data-files": "2",
      "deleted-records": "0",
      "deleted-data-files": "0",
      "total-records": "50",
      "total-data-files": "6",
      "total-delete-files": "1",
    });
  });

  test("a cut file, another file and an unknown codec are refused", () => {
    const bytes = writeManifestList(null, listOf(2, [manifest]).manifests, owner);
    expect(() => readManifestList(bytes.subarray(0, bytes.length - 20))).toThrow("cut off");
    expect(() => readManifestList(Buffer.from("PAR1"))).toThrow("no Avro file");
    const { header } = readAvro(bytes);
    expect(() => readAvro(writeAvro({ header: new Map([...header, ["avro.codec", Buffer.from("snappy")]]), records: [] }))).toThrow(
      "compressed with snappy",
    );
  });
});
