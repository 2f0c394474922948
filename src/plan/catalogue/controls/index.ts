import type { Control } from "./control.ts";
import { administrativeSafeguards } from "./hipaa-administrative.ts";
import { otherSafeguards } from "./hipaa-others.ts";
import { nistControlsAtoI } from "./nist-a-i.ts";
import { nistControlsItoS } from "./nist-i-s.ts";
import type { Safeguard } from "./safeguard.ts";

export type { Baseline, Control } from "./control.ts";
export { gdprArticles, type Article } from "./gdpr.ts";
export type { Safeguard } from "./safeguard.ts";

/** Every control that stands in a baseline. */
export const nistControls: readonly Control[] = Object.freeze([...nistControlsAtoI, ...nistControlsItoS]);

/** HIPAA's Security Rule, whole. */
export const hipaaSafeguards: readonly Safeguard[] = Object.freeze([...administrativeSafeguards, ...otherSafeguards]);
