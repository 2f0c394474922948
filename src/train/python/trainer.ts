import { MillwrightError } from "../../error.ts";
import type { Fitted, Trainer, TrainRequest } from "../trainer.ts";

/** A user's script in an isolated environment, run by the launcher. */
export const pythonTrainer: Trainer = { train };

async function train({ node }: TrainRequest): Promise<Fitted> {
  throw new MillwrightError({
    code: "no-trainer",
    what: "training by a Python script is not there yet",
    where: node.origin,
    fix: "use boostedTrees()",
  });
}
