import type { Definition, EnvironmentNode } from "../define/node.ts";
import { MillwrightError } from "../error.ts";
import type { ActiveAlert, Alerts } from "../systems/roles.ts";
import { connectRole, resolveOptions } from "./bind.ts";
import { openJournal } from "./journal.ts";
import { statePaths } from "./state.ts";

interface Where {
  readonly definition: Definition;
  readonly environment: EnvironmentNode;
  /** The platform file's folder. */
  readonly directory: string;
}

/** The alerts of a platform that fire. @throws MillwrightError `no-alerts` when the environment binds nothing that has them */
export async function activeAlerts(where: Where): Promise<readonly ActiveAlert[]> {
  const alerts = await connectAlerts(where);
  try {
    return await alerts.active({ platform: where.definition.name, environment: where.environment.name });
  } finally {
    await alerts.close();
  }
}

export interface AcknowledgeOptions extends Where {
  /** The alert's name. */
  readonly alert: string;
  /** The value of one of its labels, as the endpoint's name; null for all that fire under the name. */
  readonly about: string | null;
  readonly by: string;
  readonly because: string;
  /** ISO 8601 in UTC. */
  readonly until: string;
}

/**
 * Takes alerts on: until then they go to no further level of escalation, which the journal is told. They fire on for whom they have reached.
 *
 * @returns those that were acknowledged. @throws MillwrightError `no-such-alert` when none of that name fires; `no-alerts`
 */
export async function acknowledgeAlerts(options: AcknowledgeOptions): Promise<readonly ActiveAlert[]> {
  const { definition, environment, directory, alert: name, about, by, because, until } = options;
  const alerts = await connectAlerts(options);
  try {
    const firing = await alerts.active({ platform: definition.name, environment: environment.name });
    const meant = firing.filter((each) => each.name === name && (about === null || Object.values(each.labels).includes(about)));
    if (meant.length === 0)
      throw new MillwrightError({
        code: "no-such-alert",
        what: `no alert '${name}'${about === null ? "" : ` about '${about}'`} fires`,
        fix: firing.length === 0 ? "nothing fires now" : `use one of: ${[...new Set(firing.map((each) => each.name))].join(", ")}`,
      });
    for (const each of meant) await alerts.acknowledge(each, { by, because, until });
    using journal = openJournal(statePaths(directory, environment.name).journal);
    journal.appendAll(
      meant.map((each) => ({
        type: "alert.acknowledged" as const,
        ...(each.labels["endpoint"] === undefined ? {} : { asset: each.labels["endpoint"] }),
        body: { alert: each.name, labels: each.labels, by, because, until },
      })),
    );
    return meant;
  } finally {
    await alerts.close();
  }
}

async function connectAlerts({ environment, directory }: Where): Promise<Alerts> {
  const binding = environment.bindings["alerts"];
  if (binding === undefined)
    throw new MillwrightError({
      code: "no-alerts",
      what: `the environment '${environment.name}' binds nothing that alerts come together in`,
      where: environment.origin,
      fix: 'bind it: alerts: alertmanager({ url: "http://127.0.0.1:9093", escalation: [...] })',
    });
  // Secrets of those who are told are wanted where Alertmanager runs, not here.
  const { url, token } = binding.options;
  const reach = { ...binding, options: { ...(url === undefined ? {} : { url }), ...(token === undefined ? {} : { token }) } };
  return connectRole(binding, "alerts", ({ alerts }) => alerts)(resolveOptions(reach), { directory });
}
