import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MillwrightError } from "../../src/error.ts";
import { startRouter, type Router } from "../../src/serve/router.ts";
import { startInference, type InferenceServer } from "../../src/serve/server.ts";
import type { ModelPackage, ModelServer } from "../../src/systems/roles.ts";
import {
  answerOf,
  jsonRequest,
  modelFolder,
  probabilityIn,
  rowOf,
  smallModel,
  type Answer,
  type ModelFolder,
  type Row,
} from "../serve/model.ts";

export interface ModelServerUnderTest {
  /** Connects anew: what one connection has done the next one finds. */
  connect(): Promise<ModelServer>;
  /** Rows with missing values can be asked for in JSON. @default true */
  readonly nulls?: boolean;
  stop(): Promise<void>;
}

/** Where a contract's further tests get at what is tested. */
export interface Deployed {
  readonly server: ModelServer;
  /** Where clients ask: the server, or our router before it. */
  readonly url: string;
  readonly folder: ModelFolder;
  refresh(): Promise<void>;
}

const endpoint = "delay";
/** Of the versions 1 and 2: so far apart that an answer tells who gave it. */
const biases = [0, 2];
const rows = (count: number, nulls: boolean): readonly Row[] =>
  Array.from({ length: count }, (_, index) => rowOf(index)).map((row) =>
    nulls ? row : { ...row, carrier: row.carrier ?? "none", distance: row.distance ?? 1, temp: row.temp ?? 0 },
  );

/** A version of an endpoint as a server is given it. */
export async function packageOf(folder: ModelFolder, name: string, version: string, model: Uint8Array): Promise<ModelPackage> {
  const file = await folder.write(`${name}-${version}.onnx`, model);
  return { endpoint: name, version, file, sha256: createHash("sha256").update(model).digest("hex") };
}

/** One of the problem codes. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  return error instanceof MillwrightError ? error.problem.code : String(error);
}

/**
 * What every system of the role `server` must do: the same client asks all of them, over HTTP by the Open Inference Protocol in JSON.
 * Where a system cannot divide requests our router stands before it, as `millwright up` starts it.
 */
export function modelServerContract(
  title: string,
  start: () => Promise<ModelServerUnderTest>,
  more?: (deployed: () => Deployed) => void,
): void {
  describe(title, () => {
    let tested: ModelServerUnderTest;
    let server: ModelServer;
    let router: Router | null = null;
    let folder: ModelFolder;
    let embedded: InferenceServer;
    let packages: readonly ModelPackage[];
    const url = (): string => router?.url ?? server.address(endpoint).url;
    const refresh = async (): Promise<void> => router?.refresh();

    const ask = (path: string, body: object): Promise<Response> =>
      fetch(`${url()}/v2/models/${path}/infer`, {
        method: "POST",
        body: JSON.stringify(body),
        headers: { "content-type": "application/json" },
      });
    /** Who answers, of so many requests that name no version. */
    const answering = async (count: number): Promise<Readonly<Record<string, number>>> => {
      const [row] = rows(1, false);
      const answers: Record<string, number> = {};
      const one = async (): Promise<void> => {
        const reply = await ask(endpoint, jsonRequest(row === undefined ? [] : [row]));
        const answer = await answerOf(reply);
        expect(answer.error, `${reply.status}`).toBeUndefined();
        answers[answer.model_version] = (answers[answer.model_version] ?? 0) + 1;
      };
      for (let begun = 0; begun < count; begun += 8) await Promise.all(Array.from({ length: Math.min(8, count - begun) }, one));
      return answers;
    };

    beforeAll(async () => {
      folder = await modelFolder();
      packages = await Promise.all(biases.map((bias, index) => packageOf(folder, endpoint, String(index + 1), smallModel({ bias }))));
      embedded = await startInference({ models: [], workers: 1 });
      await embedded.serve(
        endpoint,
        packages.map(({ version, file, sha256 }) => ({ version, file, sha256 })),
      );
      tested = await start();
      server = await tested.connect();
    });

    afterAll(async () => {
      await router?.stop();
      await server?.close();
      await tested?.stop();
      await embedded?.stop();
      await folder?.remove();
    });

    test("a package whose file is not the registered one is refused, and nothing is there", async () => {
      const [first] = packages;
      if (first === undefined) throw new Error("there is no package");
      expect(await codeOf(server.deploy({ ...first, sha256: "0".repeat(64) }))).toBe("model-hash");
      expect(await server.versions(endpoint)).toEqual([]);
    });

    test("two versions are deployed beside each other, and each answers those who name it as the embedded server does", async () => {
      const nulls = tested.nulls ?? true;
      for (const one of packages) await server.deploy(one);
      await server.share(endpoint, { "1": 100 });
      if (server.routed !== undefined) router = await startRouter({ server, endpoints: [endpoint] });
      expect((await server.versions(endpoint)).map(({ version, ready, percent }) => [version, ready, percent])).toEqual([
        ["1", true, 100],
        ["2", true, 0],
      ]);
      const request = jsonRequest(rows(25, nulls), { id: "abc" });
      for (const { version } of packages) {
        const path = `${endpoint}/versions/${version}`;
        const reply = await ask(path, request);
        const answer = await answerOf(reply);
        expect(answer.error, `${reply.status} ${path}`).toBeUndefined();
        const own = await answerOf(
          await fetch(`${embedded.url}/v2/models/${path}/infer`, { method: "POST", body: JSON.stringify(request) }),
        );
        expect(answer.id).toBe("abc");
        expect(answer.model_version).toBe(version);
        expect(dataOf(answer, "label")).toEqual(dataOf(own, "label"));
        for (let row = 0; row < 25; row++) expect(probabilityIn(answer, row)).toBeCloseTo(probabilityIn(own, row), 5);
      }
    });

    test("deployed twice nothing changes; another file under the same version is refused", async () => {
      const [first, second] = packages;
      if (first === undefined || second === undefined) throw new Error("there are no packages");
      const before = await server.versions(endpoint);
      await server.deploy(first);
      expect(await server.versions(endpoint)).toEqual(before);
      expect(await codeOf(server.deploy({ ...second, version: "1" }))).toBe("version-differs");
      expect(await server.versions(endpoint)).toEqual(before);
    });

    test("a canary answers its part of the requests, within what chance allows, and going back takes all from it", async () => {
      await server.share(endpoint, { "1": 80, "2": 20 });
      await refresh();
      const count = 200;
      const { "1": first = 0, "2": second = 0 } = await answering(count);
      expect(first + second).toBe(count);
      // Five standard deviations of a binomial distribution.
      expect(Math.abs(second - 0.2 * count)).toBeLessThanOrEqual(5 * Math.sqrt(count * 0.2 * 0.8));
      const again = await tested.connect();
      expect((await again.versions(endpoint)).map(({ version, percent }) => [version, percent])).toEqual([
        ["1", 80],
        ["2", 20],
      ]);
      await again.close();
      await server.share(endpoint, { "1": 100 });
      await refresh();
      expect(await answering(40)).toEqual({ "1": 40 });
      await server.share(endpoint, { "2": 100 });
      await refresh();
      expect(await answering(40)).toEqual({ "2": 40 });
    });

    test("parts that are not 100 in all, and versions that are not there, are refused, and the division stays", async () => {
      const before = await server.versions(endpoint);
      expect(await codeOf(server.share(endpoint, { "1": 50, "2": 20 }))).toBe("wrong-share");
      expect(await codeOf(server.share(endpoint, { "1": 50, "9": 50 }))).toBe("unknown-version");
      expect(await server.versions(endpoint)).toEqual(before);
      expect(await server.versions("nobody")).toEqual([]);
    });

    test("what is wrong with a request is said by status and error; unknown endpoints and versions are not found", async () => {
      const right = jsonRequest(rows(1, false));
      const status = async (path: string, body: object): Promise<readonly [number, string]> => {
        const reply = await ask(path, body);
        return [reply.status, typeof (await answerOf(reply)).error];
      };
      expect(await status("nobody", right)).toEqual([404, "string"]);
      expect((await status(`${endpoint}/versions/9`, right))[0]).toBe(404);
      const [wrong, error] = await status(endpoint, { inputs: right.inputs.slice(1) });
      expect([400, 422]).toContain(wrong);
      expect(error).toBe("string");
    });

    more?.(() => ({ server, url: url(), folder, refresh }));

    test("a version that answers cannot be removed; one that does not can, and comes back when it is deployed", async () => {
      const [first] = packages;
      if (first === undefined) throw new Error("there is no package");
      expect(await codeOf(server.remove(endpoint, "2"))).toBe("version-in-use");
      await server.remove(endpoint, "1");
      expect((await server.versions(endpoint)).map(({ version }) => version)).toEqual(["2"]);
      await refresh();
      expect((await ask(`${endpoint}/versions/1`, jsonRequest(rows(1, false)))).status).toBe(404);
      expect(await answering(8)).toEqual({ "2": 8 });
      await server.deploy(first);
      await server.share(endpoint, { "1": 100, "2": 0 });
      await refresh();
      expect(await answering(8)).toEqual({ "1": 8 });
    });
  });
}

function dataOf(answer: Answer, name: string): readonly number[] | undefined {
  return answer.outputs.find((output) => output.name === name)?.data;
}
