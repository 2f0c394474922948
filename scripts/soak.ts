// `npm run soak`: what takes hours, and is no part of npm test.
//
//     npm run soak -- [--kills 200] [--seed 1] [--flights N]    the main job, killed at random moments and resumed each time
//     npm run soak -- --triton N [--seed 1]                     N random requests to our server and to a real Triton
//     npm run soak -- --writers MINUTES                         eight writers at once on one table, so long through each catalog
//     npm run soak -- --serving [--predictions N] [--mangled N]  predictions while the model is swapped, then broken requests
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
    flights: { type: "string" },
    writers: { type: "string" },
    serving: { type: "boolean", default: false },
    predictions: { type: "string", default: "1000000" },
    mangled: { type: "string", default: "100000" },
    triton: { type: "string" },
  },
});
if (values.triton !== undefined) {
  const { soakTriton } = await import("./soak-triton.ts");
  await soakTriton(Number(values.triton), Number(values.seed));
} else if (values.serving) {
  const { soakServing } = await import("./soak-serving.ts");
  await soakServing(values);
} else if (values.writers === undefined) {
  const { soakKills } = await import("./soak-kills.ts");
  await soakKills(values);
} else {
  const { soakWriters } = await import("./soak-writers.ts");
  await soakWriters(Number(values.writers));
}
