import { expect, test } from "vitest";
import { env, environment } from "../../src/define/environment.ts";
import { files, mysql } from "../../src/systems/index.ts";

test("an environment keeps its bindings and helpers, frozen, and a secret as its name", () => {
  const declared = environment({ ops: mysql({ url: env("OPS_URL") }), budget: files({ directory: "data" }), helpers: ["node api.ts"] });
  expect(declared).toMatchObject({
    bindings: { ops: { system: "mysql", options: { url: { secret: "env", name: "OPS_URL" } } }, budget: { system: "files" } },
    helpers: ["node api.ts"],
  });
  expect(Object.keys(declared.bindings)).toEqual(["ops", "budget"]);
  expect(declared.origin.file).toContain("environment.test.ts");
  for (const value of [declared, declared.bindings, declared.helpers]) expect(Object.isFrozen(value)).toBe(true);
});

test("what is no system is refused where it is bound, also where no compiler has looked", () => {
  // As a file that was never type-checked has it.
  for (const binding of ["sqlite", ["sqlite"], null, { file: "ops.sqlite" }]) {
    const declare = () => Reflect.apply(environment, null, [{ ops: binding }]);
    expect(declare).toThrow(
      expect.objectContaining({
        problem: expect.objectContaining({ code: "bad-binding", what: "'ops' is bound to something that is no system" }),
      }),
    );
  }
});
