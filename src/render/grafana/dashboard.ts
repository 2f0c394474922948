import { createHash } from "node:crypto";
import type { Subject } from "../monitoring/rule.ts";
import type { Row } from "./panel.ts";

/** A dashboard in the JSON that Grafana imports (schema version 39, Grafana 10 and newer). */
export interface DashboardOptions {
  readonly subject: Subject;
  /** Tells the dashboards of a platform apart: `overview`. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Endpoints may be chosen among. */
  readonly byEndpoint: boolean;
  readonly rows: readonly Row[];
}

/** How the data source that is chosen at the top is named where it is used. */
export const datasource: { readonly type: "prometheus"; readonly uid: "${datasource}" } = Object.freeze({
  type: "prometheus",
  uid: "${datasource}",
});

/** The text of a dashboard's file. Its identifier stays the same from one rendering to the next, so that links and stars hold. */
export function dashboardFile({ subject, name, title, description, byEndpoint, rows }: DashboardOptions): string {
  const { platform, environment } = subject;
  const chosen = `platform="${platform}",environment="${environment}"`;
  const tags = ["millwright", platform, environment];
  const dashboard = {
    uid: `millwright-${name}-${createHash("sha256").update(`${platform}/${environment}`).digest("hex").slice(0, 12)}`,
    title: `${platform} (${environment}): ${title}`,
    description,
    tags,
    timezone: "utc",
    editable: true,
    graphTooltip: 1,
    schemaVersion: 39,
    version: 1,
    refresh: "30s",
    time: { from: "now-6h", to: "now" },
    links: [
      {
        type: "dashboards",
        title: "Millwright",
        icon: "external link",
        tooltip: "",
        targetBlank: false,
        tags,
        asDropdown: true,
        includeVars: true,
        keepTime: true,
      },
    ],
    templating: {
      list: [
        {
          type: "datasource",
          name: "datasource",
          label: "Data source",
          query: "prometheus",
          regex: "",
          hide: 0,
          refresh: 1,
          multi: false,
          includeAll: false,
        },
        ...(byEndpoint
          ? [
              {
                type: "query",
                name: "endpoint",
                label: "Endpoint",
                datasource,
                query: { query: `label_values(millwright_inference_model_info{${chosen}}, endpoint)`, refId: "endpoints" },
                definition: `label_values(millwright_inference_model_info{${chosen}}, endpoint)`,
                regex: "",
                hide: 0,
                refresh: 2,
                sort: 1,
                multi: true,
                includeAll: true,
                allValue: ".*",
                current: { selected: true, text: ["All"], value: ["$__all"] },
              },
            ]
          : []),
      ],
    },
    annotations: {
      list: [
        {
          name: "Alerts",
          datasource,
          enable: true,
          iconColor: "red",
          expr: `ALERTS{${chosen},alertstate="firing",escalation=""}`,
          titleFormat: "{{alertname}}",
          textFormat: "{{endpoint}} {{table}} {{asset}}",
        },
      ],
    },
    panels: placed(rows),
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}

/** Rows below one another, and the panels of each side by side over the 24 columns of Grafana. */
function placed(rows: readonly Row[]): readonly object[] {
  let [id, y] = [0, 0];
  return rows.flatMap(({ title, panels, height }) => {
    const heading = { id: ++id, type: "row", title, collapsed: false, panels: [], gridPos: { x: 0, y, w: 24, h: 1 } };
    y++;
    const width = Math.floor(24 / Math.max(1, panels.length));
    const beside = panels.map((panel, index) => ({ id: ++id, ...panel, gridPos: { x: index * width, y, w: width, h: height } }));
    y += height;
    return [heading, ...beside];
  });
}
