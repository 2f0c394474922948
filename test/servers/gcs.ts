import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheDirectory } from "../../src/fetch/wheel.ts";
import { freePort } from "./port.ts";
import { startServer } from "./process.ts";

/** A stand-in of Google Cloud Storage. */
export interface GCS {
  /** `http://127.0.0.1:port`: the JSON interface, and the XML one that speaks S3's protocol. */
  readonly endpoint: string;
  /** An HMAC key; any would do. */
  readonly hmacKey: string;
  readonly hmacSecret: string;
  /** Makes a bucket; gives its name. */
  bucket(name: string): Promise<string>;
  /** Ends the server; its objects are gone. */
  stop(): Promise<void>;
}

const version = "1.52.3";

/**
 * Starts fake-gcs-server, built from its Go module: a stand-in, which asks nobody who they are and overwrites an object
 * in spite of the condition that there be none. It has no upload as S3's protocol does it, so that a translator stands before it. It ends with this process.
 */
export async function startGCS(): Promise<GCS> {
  const program = await install();
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const server = startServer(program, [
      "-scheme",
      "http",
      "-host",
      "127.0.0.1",
      "-port",
      String(port),
      "-backend",
      "memory",
      "-public-host",
      `127.0.0.1:${port}`,
    ]);
    try {
      await server.ready(/server started at/, 60);
      const translator = await startTranslator(port);
      return {
        endpoint: translator.endpoint,
        hmacKey: `GOOG${randomBytes(8).toString("hex")}`,
        hmacSecret: randomBytes(20).toString("hex"),
        async bucket(name) {
          const answer = await fetch(`http://127.0.0.1:${port}/storage/v1/b?project=test`, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify({ name }),
          });
          if (!answer.ok) throw new Error(`no bucket ${name}: ${answer.status} ${await answer.text()}`);
          return name;
        },
        async stop() {
          await translator.stop();
          await server.stop();
        },
      };
    } catch (error) {
      await server.stop();
      if (attempt === 3 || !/address already in use/.test(server.output())) throw error;
    }
  }
}

async function install(): Promise<string> {
  const folder = join(cacheDirectory(), `fake-gcs-server-${version}`);
  const program = join(folder, "fake-gcs-server");
  if (existsSync(program)) return program;
  await mkdir(cacheDirectory(), { recursive: true });
  const aside = await mkdtemp(join(cacheDirectory(), "download-"));
  try {
    // Go checks the module and what it needs against the sums that all the world sees.
    await promisify(execFile)("go", ["install", `github.com/fsouza/fake-gcs-server@v${version}`], {
      env: { ...process.env, GOBIN: aside, GOFLAGS: "-mod=mod" },
    });
    await rename(aside, folder).catch((error: NodeJS.ErrnoException) => {
      if (!existsSync(program)) throw error;
    });
    return program;
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** Takes uploads in S3's protocol and makes them in Google's; passes everything else on as it is. */
async function startTranslator(port: number): Promise<{ readonly endpoint: string; stop(): Promise<void> }> {
  const uploads = new Map<string, Map<number, Buffer>>();
  const handle = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(message.url ?? "/", `http://127.0.0.1:${port}`);
    const body = await bodyOf(message);
    const [, bucket = "", ...path] = url.pathname.split("/");
    const own = !["storage", "upload", "batch", "download", "resumable"].includes(bucket) && /^(PUT|POST)$/.test(message.method ?? "");
    if (!own) return pass(await request(url, message, body), response);
    const name = decodeURIComponent(path.join("/"));
    const id = url.searchParams.get("uploadId");
    if (url.searchParams.has("uploads")) {
      const upload = randomBytes(8).toString("hex");
      uploads.set(upload, new Map());
      response.end(`<InitiateMultipartUploadResult><UploadId>${upload}</UploadId></InitiateMultipartUploadResult>`);
    } else if (id !== null && message.method === "PUT") {
      uploads.get(id)?.set(Number(url.searchParams.get("partNumber")), body);
      response.setHeader("etag", `"${randomBytes(8).toString("hex")}"`).end();
    } else {
      const parts = id === null ? [body] : [...(uploads.get(id) ?? [])].toSorted(([a], [b]) => a - b).map(([, part]) => part);
      const upload = new URL(`/upload/storage/v1/b/${bucket}/o?uploadType=media&name=${encodeURIComponent(name)}`, url);
      const stored = await fetch(upload, { method: "POST", body: new Uint8Array(Buffer.concat(parts)) });
      if (!stored.ok) return pass(stored, response);
      response.setHeader("etag", `"${randomBytes(8).toString("hex")}"`);
      response.end(id === null ? undefined : "<CompleteMultipartUploadResult><ETag>whole</ETag></CompleteMultipartUploadResult>");
    }
  };
  const server = createServer((message, response) => {
    handle(message, response).catch((error: unknown) => response.writeHead(502).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the system lent no port");
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function request(url: URL, message: IncomingMessage, body: Buffer): Promise<Response> {
  const headers = Object.entries(message.headers).flatMap(([name, value]): [string, string][] =>
    typeof value !== "string" || /^(host|connection|content-length|transfer-encoding|accept-encoding)$/.test(name) ? [] : [[name, value]],
  );
  const bare = message.method === "GET" || message.method === "HEAD";
  return fetch(url, {
    method: message.method ?? "GET",
    headers: { ...Object.fromEntries(headers), "accept-encoding": "identity" },
    ...(bare ? {} : { body: new Uint8Array(body) }),
  });
}

async function pass(answer: Response, response: ServerResponse): Promise<void> {
  for (const [name, value] of answer.headers)
    if (!/^(connection|transfer-encoding|keep-alive)$/.test(name)) response.setHeader(name, value);
  response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()));
}
