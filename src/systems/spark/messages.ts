import protobuf from "protobufjs/light.js";

/** The field of a message: its type and number. */
type Fields = Readonly<Record<string, readonly [type: string, id: number]>>;

/** A message of these fields; `repeated` before a type, or `map<string, string>`. Unknown fields of a reply are skipped. */
function message(fields: Fields): protobuf.IType {
  const entries = Object.entries(fields).map(([name, [type, id]]) => {
    if (type === "map<string, string>") return [name, { keyType: "string", type: "string", id }];
    return [name, type.startsWith("repeated ") ? { rule: "repeated", type: type.slice(9), id } : { type, id }];
  });
  return { fields: Object.fromEntries(entries) };
}

/** What every request begins with. */
const session: Fields = { sessionId: ["string", 1], userContext: ["UserContext", 2] };

/** The parts of Spark Connect's protocol (Spark 4.1) that are used here; the numbers are the protocol's. */
const schema = {
  nested: {
    UserContext: message({ userId: ["string", 1], userName: ["string", 2] }),
    KeyValue: message({ key: ["string", 1], value: ["string", 2] }),
    Empty: message({}),

    Plan: message({ root: ["Relation", 1], command: ["Command", 2] }),
    Relation: message({ read: ["Read", 2], sql: ["Sql", 10] }),
    Sql: message({ query: ["string", 1] }),
    Read: message({ dataSource: ["DataSource", 2] }),
    DataSource: message({
      format: ["string", 1],
      schema: ["string", 2],
      options: ["map<string, string>", 3],
      paths: ["repeated string", 4],
      predicates: ["repeated string", 5],
    }),
    Command: message({
      writeOperation: ["WriteOperation", 2],
      createDataframeView: ["CreateDataFrameViewCommand", 3],
      sqlCommand: ["SqlCommand", 5],
    }),
    SqlCommand: message({ input: ["Relation", 6] }),
    CreateDataFrameViewCommand: message({
      input: ["Relation", 1],
      name: ["string", 2],
      isGlobal: ["bool", 3],
      replace: ["bool", 4],
    }),
    WriteOperation: message({
      input: ["Relation", 1],
      source: ["string", 2],
      path: ["string", 3],
      mode: ["int32", 5],
      options: ["map<string, string>", 9],
    }),

    ExecutePlanRequest: message({
      ...session,
      observed: ["string", 8],
      operationId: ["string", 6],
      plan: ["Plan", 3],
      clientType: ["string", 4],
      requestOptions: ["repeated RequestOption", 5],
    }),
    RequestOption: message({ reattachOptions: ["ReattachOptions", 1] }),
    ReattachOptions: message({ reattachable: ["bool", 1] }),
    ReattachExecuteRequest: message({
      ...session,
      observed: ["string", 6],
      operationId: ["string", 3],
      clientType: ["string", 4],
      lastResponseId: ["string", 5],
    }),
    ReleaseExecuteRequest: message({
      ...session,
      observed: ["string", 7],
      operationId: ["string", 3],
      clientType: ["string", 4],
      releaseAll: ["Empty", 5],
      releaseUntil: ["ReleaseUntil", 6],
    }),
    ReleaseUntil: message({ responseId: ["string", 1] }),
    ExecutePlanResponse: message({
      serverSideSessionId: ["string", 15],
      operationId: ["string", 12],
      responseId: ["string", 13],
      arrowBatch: ["ArrowBatch", 2],
      resultComplete: ["Empty", 14],
      executionProgress: ["ExecutionProgress", 18],
      metrics: ["Metrics", 4],
    }),
    ArrowBatch: message({ rowCount: ["int64", 1], data: ["bytes", 2] }),
    ExecutionProgress: message({ stages: ["repeated StageInfo", 1], numInflightTasks: ["int64", 2] }),
    StageInfo: message({
      stageId: ["int64", 1],
      numTasks: ["int64", 2],
      numCompletedTasks: ["int64", 3],
      inputBytesRead: ["int64", 4],
      done: ["bool", 5],
    }),
    Metrics: message({ metrics: ["repeated MetricObject", 1] }),
    MetricObject: {
      fields: {
        name: { type: "string", id: 1 },
        planId: { type: "int64", id: 2 },
        executionMetrics: { keyType: "string", type: "MetricValue", id: 4 },
      },
    },
    MetricValue: message({ name: ["string", 1], value: ["int64", 2], metricType: ["string", 3] }),

    AnalyzePlanRequest: message({ ...session, observed: ["string", 17], clientType: ["string", 3], schema: ["SchemaOf", 4] }),
    SchemaOf: message({ plan: ["Plan", 1] }),
    AnalyzePlanResponse: message({ serverSideSessionId: ["string", 15], schema: ["SchemaResult", 2] }),
    SchemaResult: message({ schema: ["DataType", 1] }),
    DataType: message({
      binary: ["Empty", 2],
      boolean: ["Empty", 3],
      byte: ["Empty", 4],
      short: ["Empty", 5],
      integer: ["Empty", 6],
      long: ["Empty", 7],
      float: ["Empty", 8],
      double: ["Empty", 9],
      decimal: ["Decimal", 10],
      date: ["Empty", 14],
      timestamp: ["Empty", 15],
      timestampNtz: ["Empty", 16],
      struct: ["Struct", 21],
    }),
    Decimal: message({ scale: ["int32", 1], precision: ["int32", 2] }),
    Struct: message({ fields: ["repeated StructField", 1] }),
    StructField: message({ name: ["string", 1], dataType: ["DataType", 2], nullable: ["bool", 3] }),

    ConfigRequest: message({ ...session, observed: ["string", 8], operation: ["ConfigOperation", 3], clientType: ["string", 4] }),
    ConfigOperation: message({ set: ["ConfigSet", 1], getOption: ["ConfigKeys", 4], unset: ["ConfigKeys", 6] }),
    ConfigSet: message({ pairs: ["repeated KeyValue", 1] }),
    ConfigKeys: message({ keys: ["repeated string", 1] }),
    ConfigResponse: message({ serverSideSessionId: ["string", 4], pairs: ["repeated KeyValue", 2] }),

    InterruptRequest: message({
      ...session,
      observed: ["string", 7],
      clientType: ["string", 3],
      interruptType: ["int32", 4],
      operationId: ["string", 6],
    }),
    ReleaseSessionRequest: message({ ...session, clientType: ["string", 3] }),

    FetchErrorDetailsRequest: message({ ...session, observed: ["string", 5], errorId: ["string", 3], clientType: ["string", 4] }),
    FetchErrorDetailsResponse: message({ rootErrorIdx: ["int32", 1], errors: ["repeated ErrorDetail", 2] }),
    ErrorDetail: message({
      errorTypeHierarchy: ["repeated string", 1],
      message: ["string", 2],
      causeIdx: ["int32", 4],
      sparkThrowable: ["SparkThrowable", 5],
    }),
    SparkThrowable: message({ errorClass: ["string", 1], sqlState: ["string", 4] }),

    // What gRPC itself attaches to an error: google.rpc.Status.
    Status: message({ code: ["int32", 1], message: ["string", 2], details: ["repeated Any", 3] }),
    Any: message({ typeUrl: ["string", 1], value: ["bytes", 2] }),
    ErrorInfo: message({ reason: ["string", 1], domain: ["string", 2], metadata: ["map<string, string>", 3] }),
  },
};

const root = protobuf.Root.fromJSON(schema);

/** A query, or foreign data. */
export interface Relation {
  readonly sql?: { readonly query: string };
  readonly read?: {
    readonly dataSource: {
      readonly format: string;
      /** As DDL or JSON. */
      readonly schema?: string;
      readonly options: Readonly<Record<string, string>>;
      readonly paths: readonly string[];
    };
  };
}

/** What is to be executed: rows of a relation, or a command. */
export interface Plan {
  readonly root?: Relation;
  readonly command?: {
    readonly sqlCommand?: { readonly input: Relation };
    readonly createDataframeView?: {
      readonly input: Relation;
      readonly name: string;
      readonly isGlobal: boolean;
      readonly replace: boolean;
    };
    readonly writeOperation?: {
      readonly input: Relation;
      readonly source: string;
      readonly path: string;
      /** 1 append, 2 overwrite, 3 an error when it is there. */
      readonly mode: number;
      readonly options: Readonly<Record<string, string>>;
    };
  };
}

export interface StageInfo {
  readonly stageId?: number;
  readonly numTasks?: number;
  readonly numCompletedTasks?: number;
}

export interface ExecuteResponse {
  readonly serverSideSessionId?: string;
  readonly responseId?: string;
  readonly arrowBatch?: { readonly rowCount?: number; readonly data?: Uint8Array };
  readonly resultComplete?: object;
  readonly executionProgress?: { readonly stages?: readonly StageInfo[] };
}

/** A type, as the one field that is there. */
export interface DataType {
  readonly decimal?: { readonly precision?: number; readonly scale?: number };
  readonly struct?: { readonly fields?: readonly { readonly name?: string; readonly dataType?: DataType }[] };
  readonly [kind: string]: unknown;
}

export interface AnalyzeResponse {
  readonly serverSideSessionId?: string;
  readonly schema?: { readonly schema?: DataType };
}

export interface ConfigResponse {
  readonly serverSideSessionId?: string;
  readonly pairs?: readonly { readonly key?: string; readonly value?: string }[];
}

export interface ErrorDetails {
  readonly rootErrorIdx?: number;
  readonly errors?: readonly {
    readonly message?: string;
    readonly errorTypeHierarchy?: readonly string[];
    readonly causeIdx?: number;
    readonly sparkThrowable?: { readonly errorClass?: string; readonly sqlState?: string };
  }[];
}

export interface Status {
  readonly details?: readonly { readonly typeUrl?: string; readonly value?: Uint8Array }[];
}

export interface ErrorInfo {
  readonly reason?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The replies by the name of their message. */
export interface Replies {
  readonly ExecutePlanResponse: ExecuteResponse;
  readonly AnalyzePlanResponse: AnalyzeResponse;
  readonly ConfigResponse: ConfigResponse;
  readonly FetchErrorDetailsResponse: ErrorDetails;
  readonly Status: Status;
  readonly ErrorInfo: ErrorInfo;
  readonly Empty: object;
}

/** The bytes of a message. */
export function encode(name: string, value: object): Buffer {
  const type = root.lookupType(name);
  return Buffer.from(type.encode(type.fromObject(value)).finish());
}

/** A message from its bytes; fields that were not sent are absent, 64-bit integers are numbers. */
export function decode<Name extends keyof Replies>(name: Name, bytes: Uint8Array): Replies[Name] {
  const type = root.lookupType(name);
  return type.toObject(type.decode(bytes), { longs: Number });
}
