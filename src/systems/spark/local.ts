import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { javaCommand } from "../../fetch/java.ts";
import { mavenJars } from "../../fetch/maven.ts";
import { startGuarded, type GuardedProcess } from "./process.ts";

/** The Spark that is started here. Iceberg's runtime exists for 4.1 and not for newer ones. */
export const sparkVersion = "4.1.2";

const hadoop = "3.4.2";
const awsSdk = "2.29.52";

/**
 * Spark with its Connect server, Iceberg, MySQL's driver, and what Hadoop needs for S3: the SDK's modules that s3a calls, in the version
 * that it was built with, in place of the SDK's bundle of 600 MB. 350 MB in all; the Python package of Spark has 455 MB, and lacks Iceberg, S3 and MySQL.
 */
const artifacts = [
  `org.apache.spark:spark-connect_2.13:${sparkVersion}`,
  `org.apache.spark:spark-sql_2.13:${sparkVersion}`,
  "org.apache.iceberg:iceberg-spark-runtime-4.1_2.13:1.11.0",
  "com.mysql:mysql-connector-j:9.4.0",
  `org.apache.hadoop:hadoop-aws:${hadoop}`,
  ...["s3", "s3-transfer-manager", "sts", "kms", "apache-client", "netty-nio-client"].map(
    (name) => `software.amazon.awssdk:${name}:${awsSdk}`,
  ),
];

/** The SDK as one bundle, and a reader that s3a uses only when asked to. */
const exclude = ["software.amazon.awssdk:bundle", "software.amazon.s3.analyticsaccelerator:analyticsaccelerator-s3"];

export interface LocalSparkOptions {
  /** 0: the driver computes by itself, with two threads; else a standalone cluster: a master and so many workers of one core. @default 0 */
  readonly workers?: number;
  /** Further settings of Spark; they stay out of its command line. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Of the Connect server; another one is taken when it is in use. @default a free one */
  readonly port?: number;
  /** Memory of the driver in MiB. @default 1536 */
  readonly driverMemory?: number;
  /** Memory of a worker's executor in MiB. @default 768 */
  readonly executorMemory?: number;
}

/** A Spark of this machine, on 127.0.0.1 alone. It ends with this process, however that ends. */
export interface LocalSpark {
  /** For Spark Connect: `sc://127.0.0.1:port`. */
  readonly url: string;
  /** The process ids as they are now. */
  readonly pids: () => { readonly driver: number; readonly master: number | null; readonly workers: readonly number[] };
  /** Ends the driver at once, with all its sessions. */
  killDriver(): Promise<void>;
  /** Starts a driver anew at the same address; ends the one there was. */
  restartDriver(): Promise<void>;
  /** Ends a worker at once; its executor ends by itself. */
  killWorker(index: number): Promise<void>;
  /** Starts a worker in the place of one that was ended. */
  restartWorker(index: number): Promise<void>;
  /** The end of what all parts have written, for a person who looks for a reason. */
  said(): string;
  stop(): Promise<void>;
}

/**
 * Fetches Spark into the cache, when it is not there.
 *
 * @returns its folder, as `SPARK_HOME` has it, with the jars in `jars`.
 */
export async function installSpark(): Promise<string> {
  return dirname(await mavenJars({ name: `spark-${sparkVersion}`, artifacts, exclude }));
}

/**
 * Starts a Spark Connect server on this machine, alone or before a standalone cluster.
 *
 * @throws MillwrightError `no-java`, `no-maven`, `maven`, or `spark-start` with what it wrote.
 */
export async function startLocalSpark(options: LocalSparkOptions = {}): Promise<LocalSpark> {
  const { workers = 0, driverMemory = 1536, executorMemory = 768 } = options;
  const java = await javaCommand(17, "Spark");
  const home = await installSpark();
  const folder = await mkdtemp(join(tmpdir(), "millwright-spark-"));
  const running = new Set<GuardedProcess>();
  const env = {
    ...process.env,
    SPARK_HOME: home,
    SPARK_SCALA_VERSION: "2.13",
    SPARK_LOCAL_IP: "127.0.0.1",
    SPARK_LOCAL_HOSTNAME: "127.0.0.1",
    SPARK_USER: "millwright",
    SPARK_NO_DAEMONIZE: "1",
    TZ: "UTC",
  };
  let started = 0;
  const start = async (title: string, memory: number, arguments_: (own: string) => Promise<readonly string[]>): Promise<GuardedProcess> => {
    const own = join(folder, String(started++));
    await mkdir(join(own, "tmp"), { recursive: true });
    await writeFile(join(own, "log4j2.properties"), logging);
    const classes = `${own}:${join(home, "jars", "*")}`;
    const options = [
      `-Xmx${memory}m`,
      `-Djava.io.tmpdir=${join(own, "tmp")}`,
      "-Duser.timezone=UTC",
      `-Dderby.system.home=${own}`,
      "-XX:+UseSerialGC",
    ];
    const args = [...options, ...moduleOptions, "-cp", classes, ...(await arguments_(own))];
    const made = await startGuarded({ command: java, args, env: { ...env, SPARK_LOCAL_DIRS: join(own, "tmp") }, folder: own, title });
    running.add(made);
    return made;
  };
  const end = async (each: GuardedProcess): Promise<void> => {
    await each.stop();
    running.delete(each);
  };
  const stop = async (): Promise<void> => {
    await Promise.all([...running].map(end));
  };

  try {
    const master =
      workers === 0
        ? null
        : await start("the Spark master", 192, async () => [masterClass, "--host", "127.0.0.1", "--port", "0", "--webui-port", "0"]);
    const address = master === null ? "local[2]" : await found(master, /Starting Spark master at (spark:\S+)/);
    const startWorker = async (): Promise<GuardedProcess> => {
      const memory = `${executorMemory + 64}m`;
      const worker = await start("a Spark worker", 192, async (own) =>
        [workerClass, "--host", "127.0.0.1", "--cores", "1", "--memory", memory, "--webui-port", "0"].concat(
          "--work-dir",
          join(own, "work"),
          address,
        ),
      );
      await worker.ready(/Successfully registered with master/, patience);
      return worker;
    };
    const crew = await Promise.all(Array.from({ length: workers }, startWorker));
    let port = String(options.port !== undefined && (await isFree(options.port)) ? options.port : 0);
    const startDriver = async (): Promise<GuardedProcess> => {
      const driver = await start("the Spark driver", driverMemory, async (own) => {
        const file = join(own, "spark.properties");
        const settings = {
          ...defaults(own, executorMemory),
          "spark.master": address,
          "spark.connect.grpc.binding.port": port,
          ...options.settings,
        };
        await writeFile(file, propertiesFile(settings), { mode: 0o600 });
        return [submitClass, "--properties-file", file, "--class", connectClass, "spark-internal"];
      });
      port = await found(driver, /Spark Connect server started at: \S+?:(\d+)/);
      return driver;
    };
    let driver = await startDriver();
    return {
      url: `sc://127.0.0.1:${port}`,
      pids: () => ({ driver: driver.pid, master: master?.pid ?? null, workers: crew.map((worker) => worker.pid) }),
      killDriver: () => end(driver),
      async restartDriver() {
        await end(driver);
        driver = await startDriver();
      },
      killWorker: (index) => end(workerAt(crew, index)),
      async restartWorker(index) {
        await end(workerAt(crew, index));
        crew[index] = await startWorker();
      },
      said: () => [...running].map((each) => each.said()).join("\n"),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Whether nobody listens at a port of 127.0.0.1. */
async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => void server.once("error", reject).listen(port, "127.0.0.1", resolve));
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") return false;
    throw error;
  } finally {
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  }
}

/** Seconds that a part may take to come up; about ten on a quiet machine. */
const patience = 180;

const masterClass = "org.apache.spark.deploy.master.Master";
const workerClass = "org.apache.spark.deploy.worker.Worker";
const submitClass = "org.apache.spark.deploy.SparkSubmit";
const connectClass = "org.apache.spark.sql.connect.service.SparkConnectServer";

async function found(process: GuardedProcess, pattern: RegExp): Promise<string> {
  const [, word = ""] = await process.ready(pattern, patience);
  return word;
}

function workerAt(crew: readonly GuardedProcess[], index: number): GuardedProcess {
  const worker = crew[index];
  if (worker === undefined) throw new Error(`there is no worker ${index}, only ${crew.length}`);
  return worker;
}

function defaults(own: string, executorMemory: number): Readonly<Record<string, string>> {
  return {
    "spark.app.name": "millwright",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.connect.grpc.binding.address": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.executor.memory": `${executorMemory}m`,
    "spark.executor.cores": "1",
    "spark.executor.extraJavaOptions": "-Duser.timezone=UTC -XX:+UseSerialGC",
    "spark.local.dir": join(own, "tmp"),
    "spark.sql.warehouse.dir": join(own, "warehouse"),
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "4",
    "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
    "spark.sql.catalogImplementation": "in-memory",
  };
}

/** Java's own format of properties; the text is ASCII and holds no line ends. */
function propertiesFile(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} ${value.replaceAll("\\", "\\\\")}\n`)
    .join("");
}

/** What goes wrong, and that parts have come up. */
const logging = `rootLogger.level = warn
rootLogger.appenderRef.stderr.ref = stderr
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = %d{HH:mm:ss} %p %c{1}: %m%n%ex
logger.master.name = org.apache.spark.deploy.master.Master
logger.master.level = info
logger.worker.name = org.apache.spark.deploy.worker.Worker
logger.worker.level = info
logger.connect.name = org.apache.spark.sql.connect.service.SparkConnectServer
logger.connect.level = info
`;

const javaPackages = ["lang", "lang.invoke", "lang.reflect", "io", "net", "nio", "util", "util.concurrent", "util.concurrent.atomic"];
const otherPackages = ["jdk.internal.ref", "sun.nio.ch", "sun.nio.cs", "sun.security.action", "sun.util.calendar"];

/** Parts of Java 17 that Spark reaches into; its launcher gives executors the same. */
const moduleOptions = [
  "-XX:+IgnoreUnrecognizedVMOptions",
  "--add-modules=jdk.incubator.vector",
  ...[...javaPackages.map((name) => `java.${name}`), ...otherPackages].map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`),
];
