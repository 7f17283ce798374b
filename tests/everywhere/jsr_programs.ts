/** A program of the consumer, and what it must do. */
export interface JsrProgram {
  readonly file: string;
  /** All the permissions that it needs: it runs with them, and without any one of them it fails. */
  readonly permissions: readonly string[];
  readonly args?: readonly string[];
  readonly prints: string;
}

/** What programs need that is not theirs. */
export interface JsrProgramSetting {
  /** The address of an etcd; `undefined`: there is none, and its programs are left out. */
  readonly etcd: string | undefined;
}

/** A variable that {@linkcode jsrPrograms} expect. */
export const PROGRAM_ENV = { SWITCHGEAR_POLICY_users: '{"failureThreshold": 6}' };
/** A file that {@linkcode jsrPrograms} expect. */
export const PROGRAM_FILES = { "policies/users.json": '{"failureThreshold": 8}' };

const NET = "--allow-net=127.0.0.1";

/** Programs for every entry point, with the least permissions. */
export function jsrPrograms({ etcd }: JsrProgramSetting): JsrProgram[] {
  const programs: JsrProgram[] = [
    { file: "core.ts", permissions: [], prints: "sent open found ann closed" },
    { file: "memory.ts", permissions: [], prints: "3 7" },
    { file: "testing.ts", permissions: [], prints: "open half-open" },
    {
      file: "guard.ts",
      permissions: [],
      prints: "select 1 Error: connection refused,BREAKER_OPEN",
    },
    { file: "http_server.ts", permissions: [], prints: "200 200 200 429" },
    { file: "connect.ts", permissions: [], prints: "user 7 open" },
    { file: "redis.ts", permissions: [], prints: "false" },
    { file: "otel.ts", permissions: [], prints: "Ada" },
    {
      file: "prometheus.ts",
      permissions: [],
      prints: 'switchgear_breaker_calls_total{breaker="users",outcome="success"} 1',
    },
    { file: "logs.ts", permissions: [], prints: "true" },
    { file: "cli.ts", permissions: [], prints: "0 true" },
    { file: "env.ts", permissions: ["--allow-env"], prints: "6" },
    { file: "file.ts", permissions: ["--allow-read=policies"], prints: "8 fresh" },
    {
      file: "file_writing.ts",
      permissions: ["--allow-read=written", "--allow-write=written"],
      prints: "9",
    },
    { file: "fetch.ts", permissions: [NET], prints: "503 open" },
    { file: "grpc.ts", permissions: [NET, "--allow-env"], prints: "OK UNAVAILABLE refused" },
  ];
  if (etcd === undefined) return programs;
  return [
    ...programs,
    { file: "etcd.ts", args: [etcd, "gateway"], permissions: [NET], prints: "gateway 4" },
    {
      file: "etcd.ts",
      args: [etcd, "grpc"],
      // The npm package reads its .proto files from the cache.
      permissions: [NET, "--allow-env", "--allow-read"],
      prints: "grpc 4",
    },
  ];
}
