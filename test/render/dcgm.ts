import { createServer } from "node:http";
import { freePort } from "../servers/port.ts";

/** What stands in for NVIDIA's exporter, which needs a GPU: the same text for one card, with values that a test may change. */
export interface DcgmStandIn {
  /** `127.0.0.1:port` */
  readonly address: string;
  set(name: string, value: number): void;
  stop(): Promise<void>;
}

export async function startDcgmStandIn(): Promise<DcgmStandIn> {
  const values = new Map([
    ["DCGM_FI_DEV_SM_CLOCK", 1980],
    ["DCGM_FI_DEV_GPU_TEMP", 41],
    ["DCGM_FI_DEV_POWER_USAGE", 117.2],
    ["DCGM_FI_DEV_GPU_UTIL", 63],
    ["DCGM_FI_DEV_MEM_COPY_UTIL", 12],
    ["DCGM_FI_DEV_XID_ERRORS", 0],
    ["DCGM_FI_DEV_FB_FREE", 60_000],
    ["DCGM_FI_DEV_FB_USED", 20_000],
    ["DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS", 0],
    ["DCGM_FI_DEV_CORRECTABLE_REMAPPED_ROWS", 0],
    ["DCGM_FI_DEV_ROW_REMAP_FAILURE", 0],
  ]);
  const labels =
    'gpu="0",UUID="GPU-5a1c",pci_bus_id="00000000:18:00.0",device="nvidia0",modelName="NVIDIA H100 80GB HBM3",Hostname="node1"';
  const server = createServer((_, response) => {
    const text = [...values].map(([name, value]) => {
      const type = name.endsWith("_ROWS") ? "counter" : "gauge";
      return `# HELP ${name} ${name}\n# TYPE ${name} ${type}\n${name}{${labels}} ${value}\n`;
    });
    response.writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" }).end(text.join(""));
  });
  const port = await freePort();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, "127.0.0.1", resolve);
  });
  return {
    address: `127.0.0.1:${port}`,
    set: (name, value) => void values.set(name, value),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
