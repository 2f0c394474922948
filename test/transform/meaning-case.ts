import type { Columns } from "../../src/define/column.ts";
import type { Readable } from "../../src/define/source.ts";
import type { Given } from "./support.ts";

/** What a table must mean on every engine; what it gives stands in meaning/NAME.txt. */
export interface Case {
  readonly what: string;
  readonly inputs: readonly Given<Columns, string>[];
  readonly target: Readable<Columns>;
}
