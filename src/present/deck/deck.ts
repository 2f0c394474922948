import type { Definition } from "../../define/node.ts";
import type { PlatformPlan } from "../../plan/vocabulary.ts";
import { newestDate } from "../story/figures.ts";
import type { Diagram } from "../diagram/vocabulary.ts";
import { architectureSlide } from "./architecture-slide.ts";
import { complianceSlide } from "./compliance-slide.ts";
import { costSlide } from "./cost-slide.ts";
import { notesOf, timed } from "./notes.ts";
import { problemSlide } from "./problem-slide.ts";
import { requirementsSlide } from "./requirements-slide.ts";
import type { Shape } from "./slide.ts";
import { stepsSlide } from "./steps-slide.ts";
import { toolsSlide } from "./tools-slide.ts";

/** A deck as plain data: what stands where, and what is spoken. */
export interface Deck {
  readonly title: string;
  readonly footer: string;
  readonly date: string | null;
  readonly slides: readonly DeckSlide[];
}

export interface DeckSlide {
  readonly topic: string;
  readonly title: string;
  readonly shapes: readonly Shape[];
  /** What is spoken, then where the slide's numbers come from. */
  readonly notes: string;
}

/** Seven slides for ten to fifteen minutes. @param diagram of the architecture, laid out for a slide */
export function deckOf(definition: Definition, plan: PlatformPlan, diagram: Diagram): Deck {
  const slides = [
    problemSlide(definition, plan),
    requirementsSlide(plan),
    architectureSlide(plan, diagram),
    toolsSlide(plan),
    costSlide(plan),
    complianceSlide(plan),
    stepsSlide(definition, plan),
  ];
  const spoken = timed(slides.map((slide) => slide.spoken));
  const date = newestDate(plan);
  return Object.freeze<Deck>({
    title: `${plan.platform}: the design`,
    footer: [plan.platform, `environment ${plan.environment}`, ...(date === null ? [] : [`as of ${date}`])].join("  ·  "),
    date,
    slides: slides.map(({ topic, title, shapes, figures, last }, index) => ({
      topic,
      title,
      shapes,
      notes: notesOf([...(spoken[index] ?? []), ...(last === undefined ? [] : [last])], figures),
    })),
  });
}
