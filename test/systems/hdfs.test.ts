import { hdfs } from "../../src/systems/index.ts";
import { lakeContract } from "../contracts/lake.ts";
import { startHdfs } from "../servers/hdfs.ts";

lakeContract({
  name: "HDFS 3.4",
  refusesExisting: true,
  async start() {
    const server = await startHdfs();
    return {
      binding: hdfs({ url: `${server.url}/some/where`, webhdfs: server.webhdfs, user: "flights" }),
      env: {},
      secrets: [],
      stop: () => server.stop(),
    };
  },
});
