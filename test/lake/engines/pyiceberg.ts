import { join } from "node:path";
import { pythonEnvironment } from "../../servers/python.ts";

/** PyIceberg with what it needs to read and write Parquet files. Until 0.10 it does not see position deletes whose manifest inherits its snapshot, as DuckDB's do. */
const requirements = [
  "annotated-types==0.8.0",
  "cachetools==8.0.1",
  "certifi==2026.10.18",
  "charset-normalizer==3.5.2",
  "click==8.5.1",
  "fsspec==2026.9.0",
  "idna==3.20",
  "markdown-it-py==4.3.0",
  "mdurl==0.1.2",
  "mmh3==5.3.1",
  "pyarrow==26.0.1",
  "pydantic==2.14.3",
  "pydantic-core==2.50.4",
  "pygments==2.21.0",
  "pyiceberg==0.12.0",
  "pyparsing==3.3.3",
  "pyroaring==1.2.0",
  "python-dateutil==4.0.0",
  "requests==2.34.2",
  "rich==15.0.0",
  "strictyaml==1.7.3",
  "tenacity==9.2.1",
  "typing-extensions==4.16.0",
  "typing-inspection==0.4.5",
  "tzdata==2026.6",
  "urllib3==2.8.0",
  "zstandard==0.25.0",
];

export interface PyIceberg {
  /** Runs a step of steps.py; gives what it printed. */
  step(name: "read" | "change" | "create" | "append", table: string, more?: object): Promise<string>;
  read(table: string): Promise<(string | null)[][]>;
}

/** PyIceberg on a catalog; each step is a process of its own. */
export async function pyIceberg({ url, token }: { readonly url: string; readonly token: string }): Promise<PyIceberg> {
  const python = await pythonEnvironment(requirements);
  const step: PyIceberg["step"] = async (name, table, more = {}) => {
    const script = join(import.meta.dirname, "steps.py");
    const { code, stdout, stderr } = await python.run([script, name, table], { input: JSON.stringify({ url, token, ...more }) });
    if (code !== 0) throw new Error(`PyIceberg: ${name} ${table} ended with ${code}:\n${stderr}`);
    return stdout;
  };
  return { step, read: async (table) => JSON.parse(await step("read", table)) };
}
