import { randomBytes } from "node:crypto";
import { pythonEnvironment } from "./python.ts";
import { startServer } from "./process.ts";

/** A stand-in of S3. */
export interface S3 {
  /** `http://127.0.0.1:port`; buckets stand in the path. */
  readonly endpoint: string;
  readonly region: string;
  /** Any would do: it asks nobody who they are. */
  readonly accessKey: string;
  readonly secretKey: string;
  /** Makes a bucket; gives its name. */
  bucket(name: string): Promise<string>;
  /** Ends the server; its objects are gone. */
  stop(): Promise<void>;
}

/** moto with what its S3 needs, and what these need. */
const requirements = [
  "blinker==1.9.0",
  "boto3==1.44.5",
  "botocore==1.44.5",
  "certifi==2026.10.18",
  "cffi==2.1.1",
  "charset-normalizer==3.5.2",
  "click==8.5.1",
  "cryptography==50.0.2",
  "flask==3.1.3",
  "flask-cors==6.0.5",
  "idna==3.20",
  "itsdangerous==2.2.0",
  "jinja2==3.1.6",
  "jmespath==1.1.0",
  "markupsafe==3.0.4",
  "moto==5.1.14",
  "py-partiql-parser==0.6.1",
  "pycparser==3.12",
  "python-dateutil==2.9.0.post0",
  "pyyaml==6.0.3",
  "requests==2.34.2",
  "responses==0.26.3",
  "s3transfer==0.19.3",
  "six==1.17.0",
  "urllib3==2.8.0",
  "werkzeug==3.1.9",
  "xmltodict==1.0.4",
];

/**
 * Starts moto's S3, which keeps objects in memory: a stand-in, for no server of S3 itself can be had. It speaks the protocol to DuckDB,
 * Hadoop's s3a and opendal alike; it does not check signatures. It ends with this process.
 */
export async function startS3(): Promise<S3> {
  const environment = await pythonEnvironment(requirements);
  const server = startServer(environment.python, ["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"], {
    env: { ...process.env, ...environment.env, PYTHONUNBUFFERED: "1" },
  });
  try {
    const [, endpoint = ""] = await server.ready(/Running on (http:\/\/127\.0\.0\.1:\d+)/, 120);
    return {
      endpoint,
      region: "us-east-1",
      accessKey: `key${randomBytes(6).toString("hex")}`,
      secretKey: randomBytes(18).toString("hex"),
      async bucket(name) {
        const answer = await fetch(`${endpoint}/${name}`, { method: "PUT" });
        if (!answer.ok) throw new Error(`no bucket ${name}: ${answer.status} ${await answer.text()}`);
        return name;
      },
      stop: () => server.stop(),
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
