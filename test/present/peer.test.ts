import { expect, test } from "vitest";
import { MillwrightError } from "../../src/error.ts";
import { loadPresenter } from "../../src/present/peer.ts";

test("a library that is not installed is named, with the line that installs all that design needs", async () => {
  // In a variable, so that nothing looks for it before it is asked for.
  const absent: string = "a-package-that-nobody-has";
  const refused = await loadPresenter("docx", () => import(absent)).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(MillwrightError);
  expect(refused).toMatchObject({
    problem: {
      code: "peer-missing",
      what: "design needs the package docx, which is not installed",
      fix: "npm install --save-dev @myriaddreamin/typst-ts-node-compiler docx pptxgenjs @expo-google-fonts/arimo",
    },
  });
});

test("another error of a library is not taken for its absence", async () => {
  const broken = new TypeError("it is broken");
  await expect(loadPresenter("docx", () => Promise.reject(broken))).rejects.toBe(broken);
});
