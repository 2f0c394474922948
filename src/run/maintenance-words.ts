import type { EventBody } from "./journal.ts";

/** A finished maintenance in words: `120 files became 4, 5 snapshots expired, 2 orphans, 12.5 MB freed`. */
export function maintenanceWords(body: EventBody): string {
  const of = (name: string): number => (typeof body[name] === "number" ? body[name] : 0);
  const parts = [
    of("filesBefore") > 0 ? `${plural(of("filesBefore"), "file")} became ${of("filesAfter")}` : null,
    of("moved") > 0 ? `${plural(of("moved"), "file")} moved to the far storage` : null,
    of("snapshots") > 0 ? `${plural(of("snapshots"), "snapshot")} expired` : null,
    of("orphans") > 0 ? plural(of("orphans"), "orphan") : null,
    of("staged") > 0 ? `${plural(of("staged"), "staged file")} of killed runs removed` : null,
    of("freedBytes") > 0 ? `${(of("freedBytes") / 1e6).toFixed(1)} MB freed` : null,
  ].filter((part) => part !== null);
  return parts.length === 0 ? `nothing to do in ${plural(of("tables"), "table")}` : parts.join(", ");
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
