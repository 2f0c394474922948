import type { AssetNode } from "../define/node.ts";
import type { StepResult } from "./commit.ts";
import type { Step } from "./graph.ts";
import type { Session } from "./session.ts";

/** Does one step: each kind of work is loaded when the first such step runs. */
export async function performStep(session: Session, step: Step): Promise<StepResult> {
  if (step.kind === "load") {
    const { loadTable } = await import("../warehouse/load.ts");
    if (step.asset.kind !== "table") throw new Error(`${step.name} is no table`);
    return loadTable(session, step.asset);
  }
  return performAsset(session, step.asset);
}

async function performAsset(session: Session, asset: AssetNode): Promise<StepResult> {
  switch (asset.kind) {
    case "source": {
      const { extractTable } = await import("../extract/extract.ts");
      return extractTable(session, asset);
    }
    case "table": {
      const { buildTable } = await import("../transform/build.ts");
      return buildTable(session, asset);
    }
    case "metric": {
      const { measureMetric } = await import("./metric.ts");
      return measureMetric(session, asset);
    }
    case "model": {
      const { makeModel } = await import("../train/make.ts");
      const made = await makeModel(session, asset);
      if (session.environment.bindings["tracker"] !== undefined) {
        const { sendModel } = await import("../registry/publish.ts");
        await sendModel(session, asset.name);
      }
      return made;
    }
    case "imported-model": {
      const { importModel } = await import("../registry/import.ts");
      return importModel(session, asset);
    }
    case "maintenance": {
      const { maintainTables } = await import("./maintain.ts");
      return maintainTables(session, asset);
    }
    case "endpoint": {
      const { releaseEndpoint } = await import("../serve/release.ts");
      return releaseEndpoint(session, asset);
    }
  }
}
