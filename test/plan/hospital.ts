import { endpoint, environment, env, model, platform, source, table, boostedTrees, type Definition, type Requirements } from "millwright";
import { described, embedded, s3, sqlite } from "millwright/systems";

/** A small platform with personal data, for plans: what it stands on is given. */
export function hospital(
  given: {
    readonly requirements?: Requirements;
    readonly encrypted?: boolean;
    readonly place?: Parameters<typeof environment>[0]["place"];
  } = {},
): Definition {
  const { requirements = { compliance: ["GDPR", "HIPAA", "FedRAMP Moderate"] }, encrypted = true, place } = given;
  const stays = source("records").table("stays", {
    key: "id",
    cursor: "left_at",
    columns: { id: "bigint", age: "integer", days: "double", left_at: "timestamp", returned: "boolean" },
  });
  const clean = table("clean_stays", stays)
    .check({ age: { between: [0, 120] } })
    .load();
  const returns = model("readmission", {
    from: clean,
    target: "returned",
    ignore: ["id"],
    split: { by: "left_at", test: "last 30 days" },
    train: boostedTrees({ trees: 20 }),
    accept: { auc: ">= 0.6" },
    approval: "required",
  });
  const keys = { accessKey: env("LAKE_ACCESS_KEY"), secretKey: env("LAKE_SECRET_KEY") };
  const server = embedded({
    ...(encrypted ? { host: "0.0.0.0", tls: { certificate: "server.crt", key: "server.key" } } : {}),
    keys: env("KEYS"),
  });
  return platform({
    name: "hospital",
    domain: "healthcare",
    requirements,
    assets: [clean, returns, endpoint("returns", { model: returns, drift: "psi > 0.2" })],
    environments: {
      local: environment({ records: sqlite({ file: "records.sqlite" }) }),
      cloud: environment({
        records: described("postgresql", { tls: true }),
        warehouse: described("snowflake", { region: "us-east-1", encryption: true }),
        lake: s3({ bucket: "hospital", ...keys, ...(encrypted ? { kmsKey: "alias/hospital" } : {}) }),
        server,
        place: { provider: "aws", region: "us-east-1", encryptedDisks: true, ...place },
      }),
    },
  });
}
