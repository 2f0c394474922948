import { openJournal } from "../../src/run/journal.ts";

/** A process that appends to a journal: `node append-events.ts FILE RUN COUNT`. */
const [file = "", run = "", count = ""] = process.argv.slice(2);
using journal = openJournal(file);
for (let number = 1; number <= Number(count); number += 1) {
  journal.append({ type: "metric.measured", asset: `${run}_${number}`, run, body: { number } });
}
