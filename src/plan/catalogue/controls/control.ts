/** The sets of controls that a system must have: FedRAMP's three, NIST's own three, and NIST's for privacy. */
export type Baseline = "FedRAMP Low" | "FedRAMP Moderate" | "FedRAMP High" | "NIST Low" | "NIST Moderate" | "NIST High" | "NIST Privacy";

/** A control of NIST SP 800-53 rev. 5, or an enhancement of one. */
export interface Control {
  /** `AC-2`, `AC-2(1)`. */
  readonly id: string;
  readonly title: string;
  /** `AC`, and what it stands for. */
  readonly family: { readonly id: string; readonly title: string };
  readonly baselines: readonly Baseline[];
}

const letters: Readonly<Record<string, Baseline>> = {
  L: "FedRAMP Low",
  M: "FedRAMP Moderate",
  H: "FedRAMP High",
  l: "NIST Low",
  m: "NIST Moderate",
  h: "NIST High",
  P: "NIST Privacy",
};

/** The rows of a family: identifier, title, and a letter for each baseline. */
export function family(
  id: string,
  title: string,
  rows: readonly (readonly [id: string, title: string, baselines: string])[],
): readonly Control[] {
  return rows.map(([control, name, baselines]) =>
    Object.freeze({
      id: control,
      title: name,
      family: { id, title },
      baselines: [...baselines].flatMap((letter) => letters[letter] ?? []),
    }),
  );
}
