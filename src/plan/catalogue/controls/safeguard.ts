/** A standard or an implementation specification of HIPAA's Security Rule. */
export interface Safeguard {
  /** `45 CFR 164.312(a)(1)`. */
  readonly citation: string;
  readonly name: string;
  readonly group: string;
  /** Addressable: done, or a written reason why something else does. */
  readonly duty: string;
  /** In our words. */
  readonly summary: string;
  /** Of NIST SP 800-53 rev. 5. */
  readonly controls: readonly string[];
}

/** A row of the rule; `controls` with spaces between them. */
export function safeguard(citation: string, name: string, group: string, duty: string, summary: string, controls: string): Safeguard {
  return Object.freeze({ citation, name, group, duty, summary, controls: controls.split(" ").filter((id) => id !== "") });
}
