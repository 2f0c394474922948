import { expect, test } from "vitest";
import { planPlatform } from "../../src/plan/platform.ts";
import { deckOf } from "../../src/present/deck/deck.ts";
import { drawPlatform } from "../../src/present/diagram/platform.ts";
import { svgOf } from "../../src/present/diagram/svg.ts";
import { markdownOf } from "../../src/present/document/markdown.ts";
import { details, storyOf } from "../../src/present/story/story.ts";
import { hospital } from "../plan/hospital.ts";

function packageOf(encrypted: boolean): { readonly document: string; readonly deck: string; readonly diagram: string } {
  const definition = hospital({ encrypted });
  const environment = definition.environments["cloud"];
  if (environment === undefined) throw new Error("the hospital has no cloud");
  const measurements = { tables: {}, models: {}, endpoints: {}, machine: null, evidence: [] };
  const plan = planPlatform({ definition, environment, measurements, columns: {}, prices: {} });
  const detail = details[0];
  if (detail === undefined) throw new Error("there is no detail");
  return {
    document: markdownOf(storyOf(definition, plan, detail), "diagram.svg"),
    deck: JSON.stringify(deckOf(definition, plan, drawPlatform(definition, plan, "architecture", "slide"))),
    diagram: svgOf(drawPlatform(definition, plan, "architecture")),
  };
}

test("encryption that is deleted from the platform turns its controls red in document, deck and diagram", () => {
  const [encrypted, plain] = [packageOf(true), packageOf(false)];
  const red = /\| SC-8 \| [^|]+ \| \*\*open\*\* \|[^|]+[Gg]ive the server tls/;
  expect(plain.document).toMatch(red);
  expect(encrypted.document).not.toMatch(red);
  expect(plain.deck).toContain("Transmission Confidentiality and Integrity");
  expect(encrypted.deck).not.toContain("Transmission Confidentiality and Integrity");
  const marks = (svg: string) => svg.split("open: ").length - 1;
  expect(marks(plain.diagram)).toBeGreaterThan(marks(encrypted.diagram));
});
