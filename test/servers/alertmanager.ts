import { mkdtemp } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./port.ts";
import { startServer } from "./process.ts";
import { monitoringPrograms } from "./prometheus.ts";

export interface Alertmanager {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * A real Alertmanager on 127.0.0.1, alone and without memory, which ends with this process.
 *
 * @param configuration the file that it is started with
 * @param port where it listens: whoever writes Prometheus' configuration must know it before
 */
export async function startAlertmanager(configuration: string, port: number): Promise<Alertmanager> {
  const bin = await monitoringPrograms();
  const folder = await mkdtemp(join(tmpdir(), "alertmanager-"));
  const server = startServer(
    join(bin, "prometheus-alertmanager"),
    [
      `--config.file=${configuration}`,
      `--storage.path=${join(folder, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      // No cluster: nothing else is to listen, and nobody to be waited for.
      "--cluster.listen-address=",
    ],
    // Where its templates are found from.
    { folder, cwd: join(bin, "..") },
  );
  try {
    await server.ready(/Listening on|msg=Listening/, 120);
    return { url: `http://127.0.0.1:${port}`, stop: () => server.stop() };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** An alert as a webhook gets it. */
export interface NotifiedAlert {
  readonly status: "firing" | "resolved";
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Webhook {
  readonly url: string;
  /** All alerts of all messages so far, in their order. */
  readonly alerts: readonly NotifiedAlert[];
  stop(): Promise<void>;
}

/** Something that Alertmanager tells of alerts. */
export async function startWebhook(): Promise<Webhook> {
  const alerts: NotifiedAlert[] = [];
  const port = await freePort();
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const message: { readonly alerts: readonly NotifiedAlert[] } = JSON.parse(Buffer.concat(parts).toString("utf8"));
      alerts.push(...message.alerts);
      response.end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${port}/`,
    alerts,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
