/** Who must act where no software does, by family of NIST SP 800-53 rev. 5. Ours: adapt it to your organisation. */
const owners: Readonly<Record<string, string>> = {
  AC: "the platform's owner",
  AT: "whoever trains the staff",
  AU: "the platform's owner",
  CA: "the assessor and the authorizing official",
  CM: "the platform's owner",
  CP: "the platform's owner",
  IA: "whoever runs the identities",
  IR: "the security team",
  MA: "whoever runs the machines",
  MP: "whoever runs the machines",
  PE: "whoever runs the building, or the cloud's provider (ask for its authorization package)",
  PL: "the system's owner",
  PM: "the organisation",
  PS: "human resources",
  PT: "the privacy officer",
  RA: "the security team",
  SA: "whoever buys and develops",
  SC: "whoever runs the network and the machines",
  SI: "whoever runs the machines",
  SR: "whoever buys",
};

/** A sentence that says who must see to a control. */
export function ownersDuty(family: string, title: string): string {
  return `${owners[family] ?? "somebody"} must see to it: ${title}`;
}
