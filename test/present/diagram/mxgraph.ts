import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { JSDOM } from "jsdom";

/** A cell as the real mxGraph has it after decoding. */
export interface Cell {
  readonly id: string;
  readonly edge: boolean;
  readonly vertex: boolean;
  readonly value: string;
  readonly style: string;
  readonly parent: string | null;
  readonly source: string | null;
  readonly target: string | null;
  /** Of an edge, where mxGraph draws it. */
  readonly drawn: readonly (readonly [x: number, y: number])[];
  readonly geometry: readonly [x: number, y: number, width: number, height: number] | null;
}

/** Decodes a draw.io file in mxGraph itself, in a window without a screen. */
export function decoded(file: string): readonly Cell[] {
  const window = new JSDOM("<!doctype html><body><div id='graph'></div></body>", { runScripts: "outside-only", pretendToBeVisual: true })
    .window;
  const library = readFileSync(createRequire(import.meta.url).resolve("mxgraph/javascript/mxClient.min.js"), "utf8");
  const model = /<mxGraphModel[\s\S]*<\/mxGraphModel>/.exec(file)?.[0] ?? "";
  const program = `mxBasePath="";mxLoadResources=false;mxLoadStylesheets=false;mxForceIncludes=false;${library};
    mxStyleRegistry.putValue("orthogonalEdgeStyle", mxEdgeStyle.OrthConnector);
    const graph = new mxGraph(document.getElementById("graph"));
    const xml = mxUtils.parseXml(${JSON.stringify(model)});
    new mxCodec(xml).decode(xml.documentElement, graph.getModel());
    const id = (cell) => cell === null || cell === undefined ? null : cell.id;
    JSON.stringify(Object.values(graph.getModel().cells).map((cell) => ({
      id: cell.id, edge: !!cell.edge, vertex: !!cell.vertex, value: cell.value ?? "", style: cell.style ?? "",
      parent: id(cell.parent), source: id(cell.source), target: id(cell.target),
      drawn: cell.edge ? graph.view.getState(cell).absolutePoints.map(({ x, y }) => [x, y]) : [],
      geometry: cell.geometry && !cell.edge ? [cell.geometry.x, cell.geometry.y, cell.geometry.width, cell.geometry.height] : null,
    })))`;
  const cells: readonly Cell[] = JSON.parse(String(window.eval(program)));
  window.close();
  return cells;
}
