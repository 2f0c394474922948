import type { Origin } from "../error.ts";
import { MillwrightError } from "../error.ts";
import type { Session } from "./session.ts";

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
