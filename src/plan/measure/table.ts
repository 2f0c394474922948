import { noteOf } from "../../lake/note.ts";
import type { TableMeasurements } from "../vocabulary.ts";
import { bytesOfFiles } from "./files.ts";
import { measured, type Told } from "./told.ts";

/** Rows, bytes and seconds of a table as its newest commit has them; null before there is one. */
export function measuredTable(name: string, told: Told): TableMeasurements | null {
  const head = told.heads.get(name);
  if (head === undefined || head.snapshot === null) return toldTable(name, told);
  const note = noteOf(head.summary);
  const by = { what: `the table ${name}${told.where}`, run: note?.run ?? null, time: new Date(head.timestamp).toISOString() };
  const bytes = head.summary["total-files-size"] ?? bytesOfFiles(head);
  return Object.freeze<TableMeasurements>({
    rows: measured("rows", "count", note?.rows ?? head.summary["total-records"], by),
    bytes: measured("bytes", "bytes", bytes, { ...by, what: `the files of the table ${name}${told.where}` }),
    seconds: measured("seconds of its last making", "seconds", note?.seconds, by),
  });
}

/** The same of a lake whose catalog is somebody else's: what the journal says. */
function toldTable(name: string, told: Told): TableMeasurements | null {
  const event = told.latest("asset.committed").get(name);
  if (event === undefined) return null;
  const by = { what: `the table ${name}${told.where}`, run: event.run, time: event.time };
  return Object.freeze<TableMeasurements>({
    rows: measured("rows", "count", event.body["rows"], by),
    bytes: measured("bytes", "bytes", null, by),
    seconds: measured("seconds of its last making", "seconds", event.body["seconds"], by),
  });
}
