import type { BindingNode, Definition, EnvironmentNode, SourceTableNode } from "../define/node.ts";
import { facet, type Dataset, type Facets } from "./openlineage-facets.ts";

/** Where the jobs of an environment live; its datasets live below. */
export function jobNamespace(definition: Definition, environment: EnvironmentNode): string {
  return `millwright://${definition.name}/${environment.name}`;
}

/** A dataset without what a run says of it. */
export type DatasetName = Pick<Dataset, "namespace" | "name">;

/** How OpenLineage calls what steps read and write. */
export interface Naming {
  /** A table of the lake, in the platform's namespace of its Iceberg catalog. */
  table(name: string): DatasetName;
  loaded(name: string): DatasetName;
  model(name: string): DatasetName;
  /** By OpenLineage's own naming where the binding says it openly (`mysql://host:3306`, `database.table`), else within the environment. */
  source(node: SourceTableNode): DatasetName;
  /** The facet `dataSource` of a namespace. */
  dataSource(node: SourceTableNode | null): Facets;
}

export function namingOf(definition: Definition, environment: EnvironmentNode): Naming {
  const namespace = jobNamespace(definition, environment);
  const place = (node: SourceTableNode) => {
    const binding = environment.bindings[node.source];
    return { binding, address: binding === undefined ? null : addressOf(binding) };
  };
  return {
    table: (name) => ({ namespace: `${namespace}/lake`, name: `${definition.name}.${name}` }),
    loaded: (name) => ({ namespace: `${namespace}/warehouse`, name }),
    model: (name) => ({ namespace: `${namespace}/models`, name }),
    source(node) {
      const { binding, address } = place(node);
      if (binding === undefined || address === null || !/^(mysql|postgres|postgresql)$/.test(binding.system))
        return { namespace: `${namespace}/${node.source}`, name: node.table };
      const database = decodeURIComponent(address.pathname.replace(/^\//, ""));
      return { namespace: `${address.protocol}//${address.host}`, name: database === "" ? node.table : `${database}.${node.table}` };
    },
    dataSource(node) {
      if (node === null) return { dataSource: facet("DatasourceDatasetFacet", { name: "lake", uri: `${namespace}/lake` }) };
      const { binding, address } = place(node);
      const file = [binding?.options["file"], binding?.options["directory"], binding?.options["path"]].find(
        (option) => typeof option === "string",
      );
      const uri =
        address !== null
          ? address.href
          : typeof file === "string" && !file.startsWith("/")
            ? `file:${encodeURI(file)}`
            : `${namespace}/${node.source}`;
      return {
        dataSource: facet("DatasourceDatasetFacet", {
          name: binding === undefined ? node.source : `${node.source} (${binding.system})`,
          uri,
        }),
      };
    },
  };
}

/** The address in a binding without credentials, query and fragment; null when it is a secret or there is none. */
function addressOf(binding: BindingNode): URL | null {
  const { url } = binding.options;
  if (typeof url !== "string" || !URL.canParse(url)) return null;
  const address = new URL(url);
  address.username = "";
  address.password = "";
  address.search = "";
  address.hash = "";
  return address;
}
