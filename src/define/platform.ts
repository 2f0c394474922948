import { MillwrightError } from "../error.ts";
import type { Asset } from "./asset.ts";
import { parseDuration, type Duration } from "./duration.ts";
import type { EnvironmentDeclaration } from "./environment.ts";
import { deepFreeze } from "./freeze.ts";
import type { AssetNode, Definition } from "./node.ts";
import { callerOrigin } from "./origin.ts";
import type { Decision } from "./decision.ts";
import { requirementNodes, type Requirements } from "./requirement.ts";
import { parseSchedule, type Schedule } from "./schedule.ts";

type SourcesOf<A extends readonly Asset[]> = A[number] extends Asset<infer S> ? S : never;
type RolesOf<D> = D extends EnvironmentDeclaration<infer Roles> ? Roles : never;

/** The environments as given; in place of one that binds too little, the sentence that the compiler shows. */
type Bound<E, Needed extends string> = {
  readonly [Name in keyof E]: string extends Needed
    ? E[Name]
    : [Exclude<Needed, RolesOf<E[Name]>>] extends [never]
      ? E[Name]
      : `environment '${Name & string}' does not bind the source '${Exclude<Needed, RolesOf<E[Name]>>}'`;
};

interface PlatformParts {
  /** Also the namespace of its tables in the catalog: lower-case letters, digits and underscores. */
  readonly name: string;
  readonly domain?: string;
  /** Whom it serves and what changes when it works, in a sentence or two: the first thing that `design` writes. */
  readonly purpose?: string;
  readonly requirements?: Requirements;
  /** Choices between systems, with their reasons. */
  readonly decisions?: readonly Decision[];
  /** How each step of a run is treated. */
  readonly steps?: {
    /** How often a step is tried that failed for a passing reason. @default 3 */
    readonly attempts?: number;
    /** A step that takes longer is interrupted and fails. @default no limit */
    readonly timeout?: Duration;
  };
  /** When `millwright up` brings everything up to date, in UTC: `"daily at 02:00"`, `"every 6 hours"`, or a cron expression. @default never by itself */
  readonly schedule?: Schedule;
}

export interface PlatformOptions<A extends readonly Asset[], E> extends PlatformParts {
  /** What is wanted; what these depend on comes along. */
  readonly assets: A;
  /** The first is the one that commands use without `--env`. */
  readonly environments: Bound<E, SourcesOf<A>>;
}

/**
 * A platform: the default export of `platform.ts`. Declares nothing anywhere else; what it gives back is the
 * Definition that every other pass reads.
 *
 * @throws MillwrightError `duplicate-name` when two assets have one name, `bad-name` when a name cannot be a table's.
 * @example
 * const orders = source("data").table("orders");
 * export default platform({ name: "shop", assets: [orders], environments: { local: environment({ data: files({ directory: "data" }) }) } });
 */
export function platform<const A extends readonly Asset[], const E extends { readonly [name: string]: EnvironmentDeclaration }>(
  options: PlatformOptions<A, E>,
): Definition;
export function platform(
  options: PlatformParts & {
    readonly assets: readonly Asset[];
    readonly environments: { readonly [name: string]: EnvironmentDeclaration };
  },
): Definition {
  const origin = callerOrigin();
  const assets = collect(options.assets);
  for (const { name, origin: where } of [{ name: options.name, origin }, ...assets]) {
    if (!/^[a-z][a-z0-9_]*$/.test(name)) {
      throw new MillwrightError({
        code: "bad-name",
        what: `'${name}' cannot be a name`,
        where,
        fix: "use lower-case letters, digits and underscores, a letter first",
      });
    }
  }
  return deepFreeze({
    kind: "platform",
    name: options.name,
    origin,
    domain: options.domain ?? null,
    purpose: options.purpose ?? null,
    requirements: requirementNodes(options.requirements ?? {}, origin),
    decisions: (options.decisions ?? []).map(({ node }) => node),
    steps: {
      attempts: options.steps?.attempts ?? 3,
      timeoutSeconds: options.steps?.timeout === undefined ? null : parseDuration(options.steps.timeout),
    },
    schedule: options.schedule === undefined ? null : parseSchedule(options.schedule, origin),
    assets,
    environments: Object.fromEntries(
      Object.entries(options.environments).map(([name, { bindings, helpers, place, origin: where }]) => [
        name,
        { kind: "environment" as const, name, origin: where, bindings, helpers, place },
      ]),
    ),
  });
}

/** All assets, each after what it needs, in the order of declaration. */
function collect(wanted: readonly Asset[]): AssetNode[] {
  const byName = new Map<string, AssetNode>();
  const stack = wanted.toReversed().map((asset) => ({ asset, ready: false }));
  const done = new Set<AssetNode>();
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { asset, ready } = top;
    if (done.has(asset.node)) continue;
    if (!ready) {
      stack.push({ asset, ready: true }, ...asset.dependencies.toReversed().map((dependency) => ({ asset: dependency, ready: false })));
      continue;
    }
    done.add(asset.node);
    const { name, origin } = asset.node;
    const other = byName.get(name);
    if (other !== undefined) {
      throw new MillwrightError({
        code: "duplicate-name",
        what: `two assets are called '${name}'; the other is declared at ${other.origin.file}:${other.origin.line}`,
        where: origin,
        fix: "rename one of them",
      });
    }
    byName.set(name, asset.node);
  }
  return [...byName.values()];
}
