import type { Origin } from "../error.ts";
import { MillwrightError } from "../error.ts";
import { holdsRowsOf } from "../lake/catalog/rearranged.ts";
import type { Session } from "./session.ts";

/** True when what was made from the snapshots `read` would be made from the same rows now: tables may have rearranged their files since. */
export function sameInputs(session: Pick<Session, "heads">, read: Readonly<Record<string, string>>, inputs: readonly string[]): boolean {
  return (
    Object.keys(read).length === inputs.length &&
    inputs.every((input) => read[input] !== undefined && holdsRowsOf(session.heads.get(input), read[input]))
  );
}

/** The snapshots that an asset would be made from now, by table. @throws MillwrightError `missing-input` */
export function inputSnapshots(
  session: Session,
  inputs: readonly string[],
  asset: { readonly name: string; readonly origin: Origin },
): Record<string, string> {
  return Object.fromEntries(
    inputs.map((input) => {
      const snapshot = session.heads.get(input)?.snapshot;
      if (snapshot == null) {
        throw new MillwrightError({
          code: "missing-input",
          what: `${asset.name} needs the table ${input}, which is not built yet`,
          where: asset.origin,
          fix: `run ${input} first`,
        });
      }
      return [input, snapshot];
    }),
  );
}
