import { MillwrightError } from "../../src/error.ts";
import { readPackage } from "../../src/serve/remote/package.ts";
import type { VersionSource } from "../../src/serve/deployments.ts";
import { startInference } from "../../src/serve/server.ts";
import type { ModelServer } from "../../src/systems/roles.ts";
import { modelServerContract } from "../contracts/model-server.ts";

modelServerContract("the embedded server, by its own words", async () => {
  const inference = await startInference({ models: [], workers: 1 });
  const sources = new Map<string, readonly VersionSource[]>();
  const serve = async (endpoint: string, versions: readonly VersionSource[]): Promise<void> => {
    await inference.serve(endpoint, versions);
    sources.set(endpoint, versions);
  };
  const known = (endpoint: string, version: string): VersionSource => {
    const found = sources.get(endpoint)?.find((one) => one.version === version);
    if (found === undefined) throw new MillwrightError({ code: "unknown-version", what: `there is no version ${version}` });
    return found;
  };
  const server: ModelServer = {
    address: () => ({ url: inference.url, protocol: "open-inference" }),
    async deploy(model) {
      const { endpoint, version, file, sha256 } = model;
      await readPackage(model);
      const before = sources.get(endpoint) ?? [];
      const there = before.find((one) => one.version === version);
      if (there !== undefined && there.sha256 !== sha256)
        throw new MillwrightError({ code: "version-differs", what: "it is another file" });
      // The first one must get all: parts are 100 in all at every moment.
      if (there === undefined) await serve(endpoint, [...before, { version, file, sha256, percent: before.length === 0 ? 100 : 0 }]);
    },
    async share(endpoint, percentages) {
      for (const version of Object.keys(percentages)) known(endpoint, version);
      await serve(
        endpoint,
        (sources.get(endpoint) ?? []).map((one) => ({ ...one, percent: percentages[one.version] ?? 0 })),
      );
    },
    versions: async (endpoint) =>
      inference
        .models()
        .filter(({ name }) => name === endpoint)
        .map(({ version, percent }) => ({ version, percent, ready: inference.ready() }))
        .toSorted((a, b) => Number(a.version) - Number(b.version)),
    async remove(endpoint, version) {
      if ((known(endpoint, version).percent ?? 0) > 0) throw new MillwrightError({ code: "version-in-use", what: "it answers requests" });
      await serve(
        endpoint,
        (sources.get(endpoint) ?? []).filter((one) => one.version !== version),
      );
    },
    close: async () => undefined,
  };
  return { connect: async () => server, stop: () => inference.stop() };
});
