import type { Level } from "../../systems/alertmanager/settings.ts";
import type { RenderedFile } from "../file.ts";
import { yaml, type Yaml } from "../yaml.ts";
import { promDuration, type AlertRule, type RuleGroup, type Subject } from "./rule.ts";

export interface RuleFilesOptions {
  readonly subject: Subject;
  /** In front of each file. */
  readonly heading: string;
  /** Seconds between two evaluations. */
  readonly interval: number;
  /** The first is told of alerts at once; each later one by a rule of its own. */
  readonly levels: readonly Level[];
}

/** Rules in one file a group, each with its tests beside it: `NAME.yml` and `NAME.test.yml`; what they read of one another is in `recorded.yml`. */
export function ruleFiles(groups: readonly RuleGroup[], options: RuleFilesOptions): RenderedFile[] {
  const { subject, heading } = options;
  const recorded = groups.flatMap((group) => group.recorded);
  const file = (name: string, content: Yaml): RenderedFile => ({ path: `prometheus/rules/${name}.yml`, content: heading + yaml(content) });
  const records = recorded.map(({ record, expression }): Yaml => ({ record, expr: expression, labels: { ...subject } }));
  return [
    ...(recorded.length === 0 ? [] : [file("recorded", { groups: [groupOf("recorded", records, options)] })]),
    ...groups.flatMap(({ name, alerts }) => {
      const rules = alerts.map((rule) => alertRule(rule, subject, null));
      const tests = alerts.flatMap((rule) => [firesTest(rule, subject), quietTest(rule)]);
      const step = Math.max(...alerts.map(({ example }) => example.step ?? 60));
      return [
        file(name, { groups: [groupOf(name, rules, options)] }),
        file(`${name}.test`, testFile({ recorded: recorded.length > 0, file: name, groups: [name], step, tests }, options)),
      ];
    }),
  ];
}

/**
 * For each level after the first the same alerts again, firing so much later and labelled with the level's name, which Alertmanager routes
 * to it. They have every label of the alert that they follow, so that a silence of that one silences them too.
 */
export function escalationFiles(groups: readonly RuleGroup[], options: RuleFilesOptions): RenderedFile[] {
  const { subject, heading, levels } = options;
  const alerts = groups.flatMap((group) => group.alerts);
  const recorded = groups.some((group) => group.recorded.length > 0);
  const later = levels.slice(1).map((level) => ({
    level,
    rules: alerts.filter(({ severity }) => level.severity === null || severity === level.severity),
  }));
  if (later.length === 0) return [];
  const nameOf = (level: Level): string => `escalation to ${level.name}`;
  const rendered = later.map(({ level, rules }) =>
    groupOf(
      nameOf(level),
      rules.map((rule) => alertRule(rule, subject, level)),
      options,
    ),
  );
  // Examples of days in coarse steps are left to the tests of the alerts that these follow.
  const tests = later.flatMap(({ level, rules }) =>
    rules.filter(({ example }) => (example.step ?? 60) === 60).map((rule) => escalationTest(rule, subject, level, levels)),
  );
  const tested = { recorded, file: "escalation", groups: later.map(({ level }) => nameOf(level)), step: 60, tests };
  return [
    { path: "prometheus/rules/escalation.yml", content: heading + yaml({ groups: rendered }) },
    { path: "prometheus/rules/escalation.test.yml", content: heading + yaml(testFile(tested, options)) },
  ];
}

function groupOf(name: string, rules: readonly Yaml[], { subject, interval }: RuleFilesOptions): Yaml {
  return { name: groupName(name, subject), interval: promDuration(interval), rules };
}

/** The names of groups are unique in a file only; people look for them in one list. */
function groupName(name: string, { platform, environment }: Subject): string {
  return `${platform} ${environment}: ${name}`;
}

function alertRule(rule: AlertRule, subject: Subject, level: Level | null): Yaml {
  return {
    alert: rule.alert,
    expr: rule.expression,
    for: promDuration(rule.for + (level?.after ?? 0)),
    labels: labelsOf(rule, subject, level),
    annotations: { summary: rule.summary, description: rule.description },
  };
}

function labelsOf(rule: AlertRule, subject: Subject, level: Level | null): Readonly<Record<string, string>> {
  return { severity: rule.severity, ...subject, ...rule.labels, ...(level === null ? {} : { escalation: level.name }) };
}

function testFile(
  tested: {
    /** Whether its rules may read recorded ones. */
    readonly recorded: boolean;
    readonly file: string;
    readonly groups: readonly string[];
    readonly step: number;
    readonly tests: readonly Yaml[];
  },
  { subject }: RuleFilesOptions,
): Yaml {
  const first = tested.recorded ? ["recorded"] : [];
  return {
    rule_files: [...first, tested.file].map((name) => `${name}.yml`),
    evaluation_interval: promDuration(tested.step),
    group_eval_order: [...first, ...tested.groups].map((name) => groupName(name, subject)),
    tests: tested.tests,
  };
}

function firesTest(rule: AlertRule, subject: Subject): Yaml {
  const { series, step = 60, at } = rule.example;
  const checks = [check(rule, at - step, []), check(rule, at, [expected(rule, subject, null)])];
  return ruleTest(`${rule.alert} fires`, step, series, at, checks);
}

function quietTest(rule: AlertRule): Yaml {
  const { quiet, step = 60, at, quietAt = at } = rule.example;
  return ruleTest(`${rule.alert} is quiet`, step, quiet, quietAt, [check(rule, quietAt, [])]);
}

/** The level is told when its time has passed, and not a minute before; and those before it then still are. */
function escalationTest(rule: AlertRule, subject: Subject, level: Level, levels: readonly Level[]): Yaml {
  const { series, step = 60, at } = rule.example;
  // Rules are evaluated once a minute here: what is due in between fires at the next one.
  const due = (other: Level): number => at + Math.ceil(other.after / 60) * 60;
  const told = (time: number): Yaml[] =>
    levels.slice(1).flatMap((other) => (due(other) <= time && includes(other, rule) ? [expected(rule, subject, other)] : []));
  const checks = [due(level) - 60, due(level)].map((time) => check(rule, time, told(time)));
  return ruleTest(`${rule.alert} reaches ${level.name}`, step, series, due(level), checks);
}

function check({ alert }: AlertRule, seconds: number, alerts: readonly Yaml[]): Yaml {
  return { eval_time: promDuration(seconds), alertname: alert, exp_alerts: alerts };
}

function ruleTest(name: string, step: number, series: Readonly<Record<string, string>>, seconds: number, checks: readonly Yaml[]): Yaml {
  const lasting = `x${Math.ceil(seconds / step) + 1}`;
  return {
    name,
    interval: promDuration(step),
    input_series: Object.entries(series).map(([each, values]) => ({ series: each, values: values.replaceAll("x*", lasting) })),
    alert_rule_test: checks,
  };
}

function includes({ severity }: Level, rule: AlertRule): boolean {
  return severity === null || severity === rule.severity;
}

function expected(rule: AlertRule, subject: Subject, level: Level | null): Yaml {
  const { labels, summary, description } = rule.example;
  return { exp_labels: { ...labelsOf(rule, subject, level), ...labels }, exp_annotations: { summary, description } };
}
