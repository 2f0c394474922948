import { join } from "node:path";
import type { EnvironmentNode } from "../define/node.ts";
import { connectRole, resolveOptions } from "../run/bind.ts";
import type { Launcher } from "../systems/roles.ts";
import type { Workshop } from "./trainer.ts";

/** A workshop whose launcher is closed with it, when one was opened. */
export interface OpenWorkshop extends Workshop {
  close(): Promise<void>;
}

/**
 * Where a model of an environment is trained: on the launcher that the environment binds, else on this machine.
 *
 * @param directory - The platform file's folder.
 * @param kept - Outlives a killed run.
 */
export function openWorkshop(environment: EnvironmentNode, directory: string, kept: string): OpenWorkshop {
  const binding = environment.bindings["launcher"];
  return workshopOf(directory, kept, async () => {
    if (binding === undefined) return localLauncher();
    const connect = connectRole(binding, "launcher", (roles) => roles.launcher);
    return connect(resolveOptions(binding), { directory });
  });
}

/** Where a model that belongs to no environment is trained: on this machine, with nothing kept outside its folder. */
export function localWorkshop(directory: string): OpenWorkshop {
  return workshopOf(process.cwd(), join(directory, "training"), localLauncher);
}

async function localLauncher(): Promise<Launcher> {
  const { openProcessLauncher } = await import("../systems/process/launcher.ts");
  return openProcessLauncher();
}

function workshopOf(directory: string, kept: string, open: () => Promise<Launcher>): OpenWorkshop {
  let launcher: Promise<Launcher> | null = null;
  return {
    directory,
    kept,
    launcher: () => (launcher ??= open()),
    async close() {
      await (await launcher?.catch(() => null))?.close();
    },
  };
}
