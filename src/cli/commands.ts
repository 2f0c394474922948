/** A command's module: gets its own arguments, gives the exit code. */
interface CommandModule {
  run(args: readonly string[]): Promise<number>;
}

interface Command {
  readonly summary: string;
  readonly usage: string;
  /** What it takes besides --env, --file, --json, --help. */
  readonly options: readonly (readonly [name: string, meaning: string])[];
  load(): Promise<CommandModule>;
}

export type CommandName =
  | "init"
  | "check"
  | "run"
  | "status"
  | "query"
  | "up"
  | "monitor"
  | "alert"
  | "plan"
  | "design"
  | "review"
  | "render"
  | "lineage"
  | "model"
  | "endpoint"
  | "package"
  | "client"
  | "pin";

/** The commands in the order of a platform's life; each is loaded only when it runs. */
export const commands: Readonly<Record<CommandName, Command>> = {
  init: {
    summary: "write a platform file for the data in this folder, or a whole platform of a domain",
    usage: "millwright init [FOLDER]",
    options: [["--template NAME", "healthcare, finance, retail, autonomous-vehicles or smart-city, with synthetic data"]],
    load: () => import("./init.ts"),
  },
  check: {
    summary: "find what is wrong before anything runs; renew schema.lock.json",
    usage: "millwright check",
    options: [["--offline", "ask no source; use schema.lock.json"]],
    load: () => import("./check.ts"),
  },
  run: {
    summary: "bring assets up to date",
    usage: "millwright run [ASSET...]",
    options: [
      ["--full", "extract from the beginning and rebuild, even what is unchanged"],
      ["--dry-run", "show what would be done, and do nothing"],
      ["--wait", "wait for another run of the environment instead of refusing"],
      ["--parallel N", "steps side by side"],
      ["--timeout SECONDS", "end the run after this long"],
      ["--allow-destroy NAME", "let this table lose rows that its source no longer has (may be repeated)"],
      ["--from TIME", "make the parts of the named tables from this day or time (UTC) on anew, changed or not"],
      ["--to TIME", "... and up to this one, which is excluded"],
      ["--openlineage FILE|URL", "write OpenLineage events of the run"],
    ],
    load: () => import("./run.ts"),
  },
  status: { summary: "show how each asset stands", usage: "millwright status", options: [], load: () => import("./status.ts") },
  query: {
    summary: "ask the warehouse and the lake in SQL",
    usage: 'millwright query ["SELECT ..."]',
    options: [["--csv", "print comma-separated values"]],
    load: () => import("./query.ts"),
  },
  up: {
    summary: "serve the endpoints and the catalog until stopped",
    usage: "millwright up",
    options: [
      ["--port N", "of the inference endpoint"],
      ["--grpc-port N", "serve inference over gRPC too (0: a free port)"],
      ["--control", "clients may load and unload versions by request"],
      ["--host ADDRESS", "default 127.0.0.1; another asks for keys and TLS"],
      ["--insecure", "serve other machines even without them"],
      ["--with spark", "start a Spark on this machine too, for trying out"],
    ],
    load: () => import("./up.ts"),
  },
  monitor: {
    summary: "judge an endpoint's stored predictions: drift and performance by window",
    usage: "millwright monitor ENDPOINT",
    options: [["--out FILE", "write the report as one HTML page with plots"]],
    load: () => import("./monitor.ts"),
  },
  alert: {
    summary: "list the alerts that fire; take them on, so that they go no further",
    usage: `millwright alert list
millwright alert acknowledge ALERT[@ABOUT] --because TEXT`,
    options: [
      ["--because TEXT", "why: kept with the decision"],
      ["--by NAME", "who takes it on (default: the login name)"],
      ["--for TIME", 'until it goes further all the same (default: "4 hours")'],
    ],
    load: () => import("./alert.ts"),
  },
  plan: {
    summary:
      "hold requirements, size, cost and service levels of the platform before money is spent; or of a training or an inference alone",
    usage: "millwright plan\nmillwright plan --diff A B\nmillwright plan training | inference",
    options: [
      ["--all", "platform: every step of the sizing, line of the bill and failure"],
      ["--provider NAME", "platform: aws, google, azure, lambda, nebius or owned, instead of the environment's place"],
      ["--region NAME", "platform: as the provider calls it"],
      ["--zones N", "platform: that replicas are spread over"],
      ["--purchase WAY", "platform: on-demand, reserved, spot or owned"],
      ["--prices FILE", "platform: your own prices, lines of 'what,dollars'"],
      ["--focus FILE", "platform: write the bill of this month as FOCUS 1.2 has it (CSV)"],
      ["--diff A B", "what changed between two: environments, files of plan --json, folders of design; 1 when B misses what A met"],
      ["--parameters N", "training: that a token passes: 70B, 1.5T, 340M"],
      ["--total-parameters N", "all of a mixture of experts (default: the same)"],
      ["--tokens N", "to train on: 2T, 15B"],
      ["--accelerator NAME", "A100, H100, ... as in the catalogue"],
      ["--accelerators N", "how many (default: training: the fewest whose memory holds it; inference: 1)"],
      ["--tensor N", "accelerators that share each layer"],
      ["--pipeline N", "groups of layers, one after the other"],
      ["--data N", "copies that see different data"],
      ["--micro-batch N", "sequences that a copy sees at once (default 1)"],
      ["--sequence N", "tokens of a sequence (default: training: 4096; inference: those of the benchmarks)"],
      ["--model NAME", "inference: ResNet-50, BERT-large, Llama 3 8B, 13B, ... or FILE.onnx"],
      ["--precision P", "fp32, tf32, fp16, bf16, fp8, int8, fp4 or int4"],
      ["--batch N", "samples or requests at once (default: as many as keep it busy)"],
      ["--input N", "tokens that a language model reads"],
      ["--output N", "tokens that it writes"],
      ["--runtime NAME", "framework or compiled (default: compiled for 8 bits or without a batch)"],
    ],
    load: () => import("./plan.ts"),
  },
  render: {
    summary: "write the files that operate the platform: monitoring",
    usage: "millwright render [KIND...] --out DIR",
    options: [["--out DIR", "a folder of each kind is made in it"]],
    load: () => import("./render.ts"),
  },
  design: {
    summary: "write the package that one defends a platform with: document, deck, diagrams, plan",
    usage: "millwright design --out DIR [--against REF]\nmillwright design --steps",
    options: [
      ["--out DIR", "the folder; what is there by the same names is written anew (--steps: default design)"],
      ["--against REF", "as version 2, with what changed since: a folder of design, or a revision of git"],
      ["--steps", "the ten steps to the package: what is done, what is missing and what completes it; 1 until nothing is"],
    ],
    load: () => import("./design.ts"),
  },
  review: {
    summary: "say what is weak in the design, collect what reviewers say, answer it, sum it up",
    usage: "millwright review [add TEXT | import FILE | answer ID | summary]",
    options: [
      ["--reviewer NAME", "add: who says it (default: whoever is logged in)"],
      ["--part NAME", "add: a part of the platform, or a section such as cost"],
      ["--theme NAME", "add: what it has in common with others (default: general)"],
      ["--severity NAME", "add: high, medium (default) or low"],
      ["--changed", "answer: the design was changed"],
      ["--will-not", "answer: it will not be"],
      ["--because TEXT", "answer: why"],
      ["--by NAME", "answer: who says so (default: whoever is logged in)"],
      ["--out FILE", "summary: the Markdown file (default: standard output)"],
    ],
    load: () => import("./review.ts"),
  },
  lineage: {
    summary: "show where an asset or a column comes from and what depends on it",
    usage: "millwright lineage ASSET",
    options: [["--column NAME", "follow one column"]],
    load: () => import("./lineage.ts"),
  },
  client: {
    summary: "write a typed client of an endpoint, or its OpenAPI document",
    usage: "millwright client [ENDPOINT]",
    options: [
      ["--language NAME", "typescript (default) or openapi"],
      ["--out PATH", "the file (default: standard output)"],
    ],
    load: () => import("./client.ts"),
  },
  model: {
    summary: "list, show and compare models; move aliases, approve, roll back",
    usage: `millwright model list [MODEL]
millwright model show MODEL[@ALIAS|@N]
millwright model compare MODEL@N MODEL@M
millwright model alias MODEL@N ALIAS [--because TEXT]
millwright model approve MODEL[@N] --because TEXT
millwright model rollback MODEL --because TEXT`,
    options: [
      ["--because TEXT", "why: kept with the decision"],
      ["--by NAME", "who decides (default: the login name)"],
    ],
    load: () => import("./model.ts"),
  },
  endpoint: {
    summary: "list an endpoint's versions, divide its requests among them, go back, ask it",
    usage: `millwright endpoint list [NAME]
millwright endpoint share NAME VERSION=PERCENT... [--because TEXT]
millwright endpoint rollback NAME --because TEXT
millwright endpoint predict NAME --data JSON [--version N]`,
    options: [
      ["--because TEXT", "why: kept with the decision"],
      ["--by NAME", "who decides (default: the login name)"],
      ["--data JSON", "a row of features, a list of rows, or a request; @FILE reads it"],
      ["--version N", "ask this version (default: the one that answers most)"],
    ],
    load: () => import("./endpoint.ts"),
  },
  package: {
    summary: "make a model's files ready for a server, under one content address",
    usage: `millwright package MODEL[@ALIAS|@N] [--for KIND] --out DIR
millwright package --verify DIR [--address sha256:...]`,
    options: [
      ["--for KIND", "onnx (default), openvino or tensorrt"],
      ["--out DIR", "a folder that is not there yet"],
      ["--verify DIR", "hold a package against its hashes"],
      ["--address ADDRESS", "... and against this address"],
    ],
    load: () => import("./package.ts"),
  },
  pin: {
    summary: "pin a table's snapshot in a DVC repository, as a Parquet file",
    usage: "millwright pin TABLE[@SNAPSHOT] --to DIR",
    options: [
      ["--to DIR", "a folder inside a DVC repository"],
      ["--remote NAME", "bring the file to this remote too, which is a folder"],
    ],
    load: () => import("./pin.ts"),
  },
};

export function isCommand(name: string): name is CommandName {
  return Object.hasOwn(commands, name);
}

/** The help of one command, or of all. */
export function usage(name: CommandName | null): string {
  const pad = (text: string, width: number) => text.padEnd(width);
  if (name === null) {
    const lines = Object.entries(commands).map(([command, { summary }]) => `  ${pad(command, 10)}${summary}`);
    return `millwright: one typed file describes an AI infrastructure; the same file runs it\n\n${lines.join("\n")}\n\nEach takes --env NAME (default: the first environment), --file PATH (default: platform.ts), --json and --help.\n`;
  }
  const { usage: line, summary, options } = commands[name];
  const common = [
    ["--env NAME", "the environment (default: the first in the platform file)"],
    ["--file PATH", "the platform file (default: platform.ts here or in a folder above)"],
    ["--json", "one JSON document on standard output"],
  ] as const;
  return `${line}\n\n${summary}\n\n${[...options, ...common].map(([option, meaning]) => `  ${pad(option, 24)}${meaning}`).join("\n")}\n`;
}
