import { expect, test } from "vitest";
import { signedHeaders } from "../../../src/lake/catalog/outside/sign.ts";
import { pythonEnvironment } from "../../servers/python.ts";

const keys = {
  kind: "aws",
  region: "eu-central-1",
  service: "glue",
  accessKey: "AKIDEXAMPLE",
  secretKey: "wJalrXUtnFEMI",
  sessionToken: "session",
} as const;

const botocore = `
import json, sys
from datetime import datetime
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
import botocore.auth

given = json.load(sys.stdin)
botocore.auth.get_current_datetime = lambda *a, **k: datetime(2026, 11, 22, 10, 15, 0)
request = AWSRequest(method=given["method"], url=given["url"], data=given["body"], headers=given["headers"])
SigV4Auth(Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI", "session"), "glue", "eu-central-1").add_auth(request)
print(request.headers["Authorization"])
`;

test.each([
  ["GET", "https://glue.eu-central-1.amazonaws.com/iceberg/v1/config?warehouse=123456789012", ""],
  ["GET", "https://glue.eu-central-1.amazonaws.com/iceberg/v1/catalogs%2F1/namespaces/a%1Fb%20c/tables?pageToken=x%2F%3D&pageSize=2", ""],
  ["POST", "https://glue.eu-central-1.amazonaws.com/iceberg/v1/namespaces/shop/tables/orders", '{"updates":["Zürich"]}'],
])("%s %s is signed as AWS's own library signs it", { timeout: 120_000 }, async (method, address, body) => {
  const python = await pythonEnvironment([
    "botocore==1.44.5",
    "jmespath==1.1.0",
    "python-dateutil==2.9.0.post0",
    "six==1.17.0",
    "urllib3==2.8.0",
  ]);
  const now = new Date(Date.UTC(2026, 10, 22, 10, 15, 0));
  const ours = signedHeaders({ method, url: new URL(address), headers: {}, body }, keys, now);
  const content = ours["x-amz-content-sha256"] ?? "";
  const input = JSON.stringify({ method, url: address, body, headers: { "X-Amz-Content-SHA256": content } });
  const { stdout, stderr } = await python.run(["-c", botocore], { input });
  expect(stdout.trim(), stderr).toBe(ours["authorization"]);
});
