import { expect, test } from "vitest";
import { agreement } from "../../src/package/agree.ts";

const compare = (found: readonly number[]) =>
  agreement({
    runtime: "OpenVINO",
    found: Float32Array.from(found),
    expected: Float32Array.from([0.25, 0.75]),
    tolerance: 1e-5,
    rows: 1,
    from: "test rows",
    where: "models/delay/model.onnx",
  });

test("probabilities within the tolerance are a check that was passed, with the difference that was found", () => {
  expect(compare([0.25, 0.750005])).toMatchObject({
    rows: 1,
    from: "test rows",
    tolerance: 1e-5,
    maximumDifference: expect.closeTo(5e-6, 7),
  });
});

test.for([
  ["differ by more", [0.26, 0.74], /differ from ONNX Runtime's by 0\.0[01]\d*, more than 0\.00001/],
  ["are no numbers", [Number.NaN, 0.75], /not all there or no numbers/],
  ["are too few", [0.25], /not all there or no numbers/],
] as const)("no package is made where they %s", ([, found, words]) => {
  expect(() => compare(found)).toThrow(
    expect.objectContaining({ problem: expect.objectContaining({ code: "package-differs", where: "models/delay/model.onnx" }) }),
  );
  expect(() => compare(found)).toThrow(words);
});
