import { execFile } from "node:child_process";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { javaCommand } from "../../src/fetch/java.ts";
import { mavenJars } from "./maven.ts";
import { freePort } from "./port.ts";
import { startServer, type ServerProcess } from "./process.ts";

export interface HDFS {
  /** `hdfs://127.0.0.1:port`: the NameNode, for Hadoop's own clients. */
  readonly url: string;
  /** `http://127.0.0.1:port`: WebHDFS, its paths begin with /webhdfs/v1. Anybody may write. */
  readonly webhdfs: string;
  /** Ends both servers and removes their data. */
  stop(): Promise<void>;
}

const hadoop = "3.4.2";
/** The one that Hadoop brings lacks a class that its own code asks for. */
const jackson = ["core", "databind", "annotations"].map((part) => `com.fasterxml.jackson.core:jackson-${part}:2.19.2`);

/** A real HDFS: one NameNode, one DataNode, one copy of each block. Both end with this process. */
export async function startHdfs(): Promise<HDFS> {
  const java = await javaCommand(17, "HDFS");
  const jars = await mavenJars({
    name: `hdfs-${hadoop}`,
    artifacts: ["common", "hdfs", "hdfs-client"].map((part) => `org.apache.hadoop:hadoop-${part}:${hadoop}`),
    versions: jackson,
  });
  for (let attempt = 1; ; attempt++) {
    const servers: ServerProcess[] = [];
    const stop = async (): Promise<void> => {
      await Promise.all(servers.map((server) => server.stop()));
    };
    try {
      return { ...(await start({ java, jars, servers })), stop };
    } catch (error) {
      const taken = servers.some((server) => /BindException|Address already in use/.test(server.output()));
      await stop();
      // Somebody else may have taken a port in between.
      if (attempt === 3 || !taken) throw error;
    }
  }
}

async function start({
  java,
  jars,
  servers,
}: {
  readonly java: string;
  readonly jars: string;
  readonly servers: ServerProcess[];
}): Promise<{ readonly url: string; readonly webhdfs: string }> {
  // Two folders, so that each goes with its own server.
  const folder = await mkdtemp(join(tmpdir(), "hdfs-name-"));
  const dataFolder = await mkdtemp(join(tmpdir(), "hdfs-data-"));
  const [rpc = 0, http = 0, ...data] = await Promise.all(Array.from({ length: 5 }, freePort));
  const url = `hdfs://127.0.0.1:${rpc}`;
  const settings = {
    "core-site.xml": { "fs.defaultFS": url, "hadoop.tmp.dir": join(folder, "tmp") },
    "hdfs-site.xml": {
      "dfs.replication": "1",
      "dfs.permissions.enabled": "false",
      "dfs.namenode.name.dir": join(folder, "name"),
      "dfs.datanode.data.dir": join(dataFolder, "data"),
      "dfs.namenode.http-address": `127.0.0.1:${http}`,
      "dfs.namenode.rpc-bind-host": "127.0.0.1",
      "dfs.datanode.address": `127.0.0.1:${data[0]}`,
      "dfs.datanode.http.address": `127.0.0.1:${data[1]}`,
      "dfs.datanode.ipc.address": `127.0.0.1:${data[2]}`,
      "dfs.datanode.hostname": "127.0.0.1",
      "dfs.namenode.datanode.registration.ip-hostname-check": "false",
      // Small disks are filled by others; a reserve would refuse blocks.
      "dfs.namenode.resource.du.reserved": "0",
      "dfs.namenode.fs-limits.min-block-size": "1024",
    },
  };
  // The servers look for their pages on the class path, and do not start without these folders.
  await Promise.all(["hdfs", "datanode"].map((name) => mkdir(join(folder, "conf", "webapps", name), { recursive: true })));
  await Promise.all(Object.entries(settings).map(([name, values]) => writeFile(join(folder, "conf", name), configuration(values))));
  await writeFile(join(folder, "conf", "log4j.properties"), logging);
  const tmp = join(folder, "java");
  await mkdir(tmp);
  const common = ["--add-opens", "java.base/java.lang=ALL-UNNAMED", "-Xmx256m", "-XX:+UseSerialGC", `-Djava.io.tmpdir=${tmp}`];
  const args = (program: string, ...rest: readonly string[]): string[] => [
    ...common,
    "-cp",
    `${join(folder, "conf")}:${join(jars, "*")}`,
    `org.apache.hadoop.hdfs.server.${program}`,
    ...rest,
  ];
  await promisify(execFile)(java, args("namenode.NameNode", "-format", "-force", "-nonInteractive"));
  const name = startServer(java, args("namenode.NameNode"), { folder });
  servers.push(name);
  await name.ready(/NameNode RPC up at/, 180);
  const datanode = startServer(java, args("datanode.DataNode"), { folder: dataFolder });
  servers.push(datanode);
  // Only then may a block be written.
  await datanode.ready(/Successfully sent block report/, 180);
  return { url, webhdfs: `http://127.0.0.1:${http}` };
}

function configuration(values: Readonly<Record<string, string>>): string {
  const properties = Object.entries(values).map(([name, value]) => `<property><name>${name}</name><value>${value}</value></property>`);
  return `<configuration>\n${properties.join("\n")}\n</configuration>\n`;
}

/** What goes wrong, and that the two are up. */
const logging = `log4j.rootLogger=WARN, stderr
log4j.appender.stderr=org.apache.log4j.ConsoleAppender
log4j.appender.stderr.target=System.err
log4j.appender.stderr.layout=org.apache.log4j.PatternLayout
log4j.appender.stderr.layout.ConversionPattern=%d %p %c{1}: %m%n
log4j.logger.org.apache.hadoop.hdfs.server.namenode.NameNode=INFO
log4j.logger.org.apache.hadoop.hdfs.server.datanode.DataNode=INFO
`;
