import type { Definition, EnvironmentNode } from "../../define/node.ts";

/** What the rules look at; null where the platform file does not say. */
export interface ChoiceFacts {
  readonly requests: number | null;
  readonly bytesPerDay: number | null;
  readonly stored: number | null;
  readonly p99: number | null;
  readonly uptime: number | null;
  /** Accelerators that trainings ask for, of all nodes together; 0 where none does. */
  readonly accelerators: number;
  readonly budget: number | null;
  readonly serving: "real-time" | "batch" | null;
  readonly data: "streaming" | "static" | null;
  readonly privacy: "on device" | "on site" | null;
  /** 1 where a standard asks to know where data lies and who runs it. */
  readonly regulated: number;
  /** 1 where the environment stands with that provider, else 0. */
  readonly onAws: number;
  readonly onGoogle: number;
  readonly onAzure: number;
  readonly owned: number;
}

/** The facts that choices are scored from. */
export function factsOf(definition: Definition, environment: EnvironmentNode): ChoiceFacts {
  const given = (name: string) => definition.requirements.find((requirement) => requirement.name === name)?.value;
  const number = (name: string): number | null => {
    const value = given(name);
    return typeof value === "number" ? value : null;
  };
  const volume = number("volume");
  const accelerators = definition.assets.flatMap((asset) =>
    asset.kind === "model" && asset.train.trainer === "python" ? [acceleratorsOf(asset.train.resources)] : [],
  );
  const provider = environment.place?.provider;
  const [serving, data, privacy] = [given("serving"), given("data"), given("privacy")];
  return {
    requests: number("requests"),
    bytesPerDay: volume === null ? null : volume * 86_400,
    stored: number("stored"),
    p99: number("latency.p99"),
    uptime: number("uptime"),
    accelerators: Math.max(0, ...accelerators),
    budget: number("budget"),
    serving: serving === "real-time" || serving === "batch" ? serving : null,
    data: data === "streaming" || data === "static" ? data : null,
    privacy: privacy === "on device" || privacy === "on site" ? privacy : null,
    regulated: definition.requirements.some(({ name, value }) => name === "compliance" && value !== "GDPR") ? 1 : 0,
    onAws: provider === "aws" ? 1 : 0,
    onGoogle: provider === "google" ? 1 : 0,
    onAzure: provider === "azure" ? 1 : 0,
    owned: provider === "owned" ? 1 : 0,
  };
}

function acceleratorsOf({
  nodes,
  accelerators,
}: {
  readonly nodes: number;
  readonly accelerators: { readonly count: number } | null;
}): number {
  return nodes * (accelerators?.count ?? 0);
}
