/** A field of a manifest list in Iceberg's specification: id, name, Avro type, and whether it may be absent. */
type ListField = readonly [id: number, name: string, type: string, optional?: "optional"];

const common: readonly ListField[] = [
  [500, "manifest_path", "string"],
  [501, "manifest_length", "long"],
  [502, "partition_spec_id", "int"],
  [517, "content", "int"],
  [515, "sequence_number", "long"],
  [516, "min_sequence_number", "long"],
  [503, "added_snapshot_id", "long"],
  [504, "added_files_count", "int"],
  [505, "existing_files_count", "int"],
  [506, "deleted_files_count", "int"],
  [512, "added_rows_count", "long"],
  [513, "existing_rows_count", "long"],
  [514, "deleted_rows_count", "long"],
];

const partitions = {
  name: "partitions",
  type: [
    "null",
    {
      type: "array",
      "element-id": 508,
      items: {
        type: "record",
        name: "r508",
        fields: [
          { name: "contains_null", type: "boolean", "field-id": 509 },
          { name: "contains_nan", type: ["null", "boolean"], default: null, "field-id": 518 },
          { name: "lower_bound", type: ["null", "bytes"], default: null, "field-id": 510 },
          { name: "upper_bound", type: ["null", "bytes"], default: null, "field-id": 511 },
        ],
      },
    },
  ],
  default: null,
  "field-id": 507,
};

/** The Avro schema of a manifest list of format version 2 or 3, for a list without entries. */
export function emptyListSchema(formatVersion: number): string {
  const last: readonly ListField[] = [
    [519, "key_metadata", "bytes", "optional"],
    ...(formatVersion >= 3 ? ([[520, "first_row_id", "long", "optional"]] as const) : []),
  ];
  return JSON.stringify({ type: "record", name: "manifest_file", fields: [...common.map(avroField), partitions, ...last.map(avroField)] });
}

function avroField([id, name, type, optional]: ListField): object {
  return optional ? { name, type: ["null", type], default: null, "field-id": id } : { name, type, "field-id": id };
}
