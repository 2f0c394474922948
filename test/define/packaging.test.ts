import { expect, test } from "vitest";
import { packagingNode, type PackagingOptions } from "../../src/define/packaging.ts";

const origin = { file: "platform.ts", line: 7 };

test("what is not given is the default: nothing optimised, ranges found on each request", () => {
  expect(packagingNode({}, "delay", origin)).toEqual({ optimise: false, quantise: null });
  expect(packagingNode({ optimise: true, quantise: { to: "int8", maximumLoss: { auc: 0 } } }, "delay", origin)).toEqual({
    optimise: true,
    quantise: { to: "int8", ranges: "dynamic", calibrationRows: 1000, maximumLoss: { auc: 0 } },
  });
});

const unknown: PackagingOptions = JSON.parse('{ "quantise": { "to": "int8", "maximumLoss": { "sharpness": 0.1 } } }');

test.for([
  ["no loss is bounded", { quantise: { to: "int8", maximumLoss: {} } }, "bounds no loss"],
  ["a figure is unknown", unknown, "bounds the loss of 'sharpness'"],
  ["a loss is below nothing", { quantise: { to: "int8", maximumLoss: { auc: -1 } } }, "allows auc to lose -1"],
  [
    "it calibrates with half a row",
    { quantise: { to: "int8", calibrationRows: 0.5, maximumLoss: { auc: 1 } } },
    "calibrates with 0.5 rows",
  ],
] as const satisfies readonly (readonly [string, PackagingOptions, string])[])(
  "it is refused at its declaration where %s",
  ([, options, what]) => {
    expect(() => packagingNode(options, "delay", origin)).toThrow(
      expect.objectContaining({ problem: expect.objectContaining({ code: "bad-packaging", where: origin }) }),
    );
    expect(() => packagingNode(options, "delay", origin)).toThrow(`the packaging of model 'delay' ${what}`);
  },
);
