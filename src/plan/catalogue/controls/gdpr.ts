/** An article of the GDPR that asks for something technical. */
export interface Article {
  /** `Art. 17`. */
  readonly article: string;
  readonly title: string;
  /** In our words; have them reviewed. */
  readonly duty: string;
}

/** Regulation (EU) 2016/679: article, title, and what it asks of a platform in our words. */
export const gdprArticles: readonly Article[] = Object.freeze([
  {
    article: "Art. 5",
    title: "Principles relating to processing",
    duty: "Tag each dataset with purpose, lawful basis, retention and accuracy owner; minimise fields; keep evidence that every principle is met.",
  },
  {
    article: "Art. 6",
    title: "Lawfulness of processing",
    duty: "Record one lawful basis per processing purpose; block pipelines whose purpose has none; test compatibility before reuse for training.",
  },
  {
    article: "Art. 7",
    title: "Conditions for consent",
    duty: "Store who consented to what, when and to which text; make withdrawal as easy as giving and propagate it downstream.",
  },
  {
    article: "Art. 9",
    title: "Special categories of personal data",
    duty: "Detect and label health, biometric, genetic, belief and similar data; deny by default unless an exception is recorded.",
  },
  {
    article: "Art. 13",
    title: "Information when data are collected from the person",
    duty: "Show purposes, recipients, transfers, retention, rights and any automated decision logic at the point of collection.",
  },
  {
    article: "Art. 14",
    title: "Information when data come from elsewhere",
    duty: "Keep provenance per source and notify people within a month, or record the exemption relied on.",
  },
  {
    article: "Art. 15",
    title: "Right of access",
    duty: "Find, copy and export all data on one person across stores, logs and feature tables, with purposes and recipients.",
  },
  {
    article: "Art. 16",
    title: "Right to rectification",
    duty: "Correct or complete a person's records and pass the correction to derived tables.",
  },
  {
    article: "Art. 17",
    title: "Right to erasure",
    duty: "Delete or irreversibly anonymise a person's data in primary, replica, lake-table snapshot and backup copies, and track what models used it.",
  },
  {
    article: "Art. 18",
    title: "Right to restriction",
    duty: "Flag records so that they are stored but otherwise not processed, and enforce the flag in queries and training jobs.",
  },
  {
    article: "Art. 20",
    title: "Right to data portability",
    duty: "Export data the person provided in a structured, common, machine-readable format.",
  },
  {
    article: "Art. 21",
    title: "Right to object",
    duty: "Stop processing for the stated purpose on objection; always stop for direct marketing.",
  },
  {
    article: "Art. 22",
    title: "Automated individual decisions",
    duty: "Provide human review, a way to contest, and safeguards where a decision with legal or similar effect is made only by a model.",
  },
  {
    article: "Art. 25",
    title: "Data protection by design and by default",
    duty: "Apply pseudonymisation, minimisation and least access as default configuration of each system.",
  },
  {
    article: "Art. 28",
    title: "Processor",
    duty: "Bind each processor by contract: instructions, confidentiality, security, sub-processors, deletion or return, audits.",
  },
  {
    article: "Art. 30",
    title: "Records of processing activities",
    duty: "Maintain a register of purposes, categories, recipients, transfers, retention and security measures, fed from the catalogue.",
  },
  {
    article: "Art. 32",
    title: "Security of processing",
    duty: "Match risk with encryption, pseudonymisation, confidentiality, integrity, availability and resilience, restoration, and regular testing.",
  },
  {
    article: "Art. 33",
    title: "Notification of a breach to the authority",
    duty: "Detect, assess and report a personal-data breach within 72 hours of becoming aware; keep a breach register.",
  },
  {
    article: "Art. 34",
    title: "Communication of a breach to the person",
    duty: "Tell affected people without undue delay when risk is high, unless data were unintelligible, for example encrypted.",
  },
  {
    article: "Art. 35",
    title: "Data protection impact assessment",
    duty: "Assess high-risk processing (profiling, large-scale special categories, systematic monitoring) before it starts.",
  },
  {
    article: "Art. 44",
    title: "General principle for transfers",
    duty: "Let personal data leave the EEA only under this chapter, onward transfers included; pin storage and processing regions.",
  },
  { article: "Art. 45", title: "Adequacy decisions", duty: "Allow transfer to listed countries; keep the list current as a policy input." },
  {
    article: "Art. 46",
    title: "Appropriate safeguards",
    duty: "Otherwise use standard contractual clauses, binding rules or the like, with enforceable rights.",
  },
  {
    article: "Art. 47",
    title: "Binding corporate rules",
    duty: "Group-wide rules approved by an authority may cover intra-group transfers.",
  },
  {
    article: "Art. 48",
    title: "Transfers not authorised by Union law",
    duty: "Do not disclose on a foreign court or agency order unless an international agreement supports it.",
  },
  {
    article: "Art. 49",
    title: "Derogations",
    duty: "Use consent, contract and similar exceptions only for specific, occasional transfers, and document them.",
  },
]);
