import { deepFreeze } from "./freeze.ts";
import type { BindingNode, Place } from "./node.ts";
import type { SecretReference } from "./option.ts";
import { callerOrigin } from "./origin.ts";
import { MillwrightError, type Origin } from "../error.ts";

/**
 * A secret or setting that stands in an environment variable. Only its name is kept; the value is read when a system connects.
 *
 * @example
 * mysql({ url: env("OPS_DATABASE_URL") })
 */
export function env(name: string): SecretReference {
  return Object.freeze({ secret: "env", name });
}

/** An environment before its platform names it. */
export interface EnvironmentDeclaration<out Roles extends string = string> {
  readonly bindings: Readonly<Record<string, BindingNode>>;
  readonly helpers: readonly string[];
  readonly place: Place | null;
  readonly origin: Origin;
  /** Known to the type checker only; never set. */
  readonly roles?: Roles;
}

/** Where an environment stands. */
export interface Whereabouts {
  /** Whose machines: `owned` are one's own. */
  readonly provider: Place["provider"];
  /** As the provider calls it: `us-east-1`. @default the requirement's */
  readonly region?: string;
  /** Zones that replicas are spread over. @default 1 */
  readonly zones?: number;
  /** @default "on-demand" */
  readonly purchase?: Place["purchase"];
  /** Whether the machines' disks are encrypted; nobody can see that from here. @default false */
  readonly encryptedDisks?: boolean;
}

/**
 * Names the systems: binds each source and role to one. What is not bound is embedded: lake, catalog, engine,
 * warehouse, launcher, tracker and server run on this machine with nothing to configure.
 *
 * @param bindings `helpers` are commands, started before the work and stopped after it, in the platform file's folder; `place` is where it
 * stands and how its machines are bought, which `plan` reckons with.
 * @example
 * environment({
 *   ops: sqlite({ file: "ops.sqlite" }),
 *   weather: rest({ url: "http://127.0.0.1:8017", tables: { weather: { path: "/weather", rows: "data" } } }),
 *   helpers: ["node weather-api.ts"],
 * })
 */
export function environment<const B extends object>(
  bindings: {
    readonly [Role in keyof B]: Role extends "helpers" ? readonly string[] : Role extends "place" ? Whereabouts : BindingNode;
  } & {
    readonly helpers?: readonly string[];
    readonly place?: Whereabouts;
  },
): EnvironmentDeclaration<Exclude<keyof B & string, "helpers" | "place">> {
  const { helpers = [], place, ...systems } = bindings;
  const origin = callerOrigin();
  for (const [role, system] of Object.entries<unknown>(systems)) {
    if (!isBinding(system))
      throw new MillwrightError({
        code: "bad-binding",
        what: `'${role}' is bound to something that is no system`,
        where: origin,
        fix: 'bind it to one of millwright/systems, such as sqlite({ file: "ops.sqlite" })',
      });
  }
  return deepFreeze({
    bindings: { ...systems },
    helpers: [...helpers],
    place: place === undefined ? null : { region: null, zones: 1, purchase: "on-demand", encryptedDisks: false, ...place },
    origin,
  });
}

function isBinding(value: unknown): value is BindingNode {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "binding";
}
