import { rename, writeFile } from "node:fs/promises";
import { stderr } from "node:process";
import { focusOf } from "../plan/cost/focus.ts";
import type { PlatformPlan } from "../plan/vocabulary.ts";
import { plural } from "./text.ts";

/**
 * Writes the bill in the format of FOCUS 1.2, and says on standard error which lines are not in it because nobody knows what they cost.
 *
 * @param now a time in the month that the bill is for
 */
export async function writeFocus(plan: PlatformPlan, file: string, now: Date = new Date()): Promise<void> {
  const { csv, left } = focusOf(plan, now.toISOString().slice(0, 7));
  await writeFile(`${file}.part`, csv);
  await rename(`${file}.part`, file);
  if (left.length === 0) return;
  const items = left.map(({ part, item }) => `${part} (${item})`).join(", ");
  stderr.write(`not in ${file}: ${plural(left.length, "line")} of unknown cost: ${items}\n`);
}
