/** The oldest Node that the package runs on: the first with `Symbol.asyncDispose` and `AbortSignal.any`. */
export const OLDEST_NODE = "20.4.0";

/** Where the command line tool stands in the package. */
export const BIN = "bin/switchgear.js";

/**
 * The clients that an entry point loads by itself, and their oldest and newest version that the
 * checks run with. All others are given by the caller and taken by their shape.
 */
export const CLIENTS: Readonly<Record<string, { oldest: string; newest: string }>> = {
  etcd3: { oldest: "1.1.0", newest: "1.1.2" },
};

/** What the files of an npm package need to say about it. */
export interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** What nobody can know but who packs. */
export interface PackageOrigin {
  /** Where the sources are: `git+https://…`. @default left out */
  readonly repository?: string;
}

/**
 * Completes the `package.json` that `deno pack` wrote: what it made a dependency
 * becomes an optional peer, so that installing the package brings nothing else.
 *
 * @throws {Error} If it depends on something that is no known client.
 */
export function completePackageJson(
  packed: PackageJson,
  { repository }: PackageOrigin = {},
): PackageJson {
  const { name, version, dependencies = {}, ...rest } = packed;
  const unknown = Object.keys(dependencies).filter((client) => !Object.hasOwn(CLIENTS, client));
  if (unknown.length > 0) {
    throw new Error(`Cannot pack ${name}: it would depend on ${unknown.join(", ")}`);
  }
  const clients = Object.entries(CLIENTS);
  return {
    name,
    version,
    description:
      "Circuit breakers whose policies live in a config backend and change while the program runs",
    keywords: [
      "circuit-breaker",
      "resilience",
      "fault-tolerance",
      "retry",
      "timeout",
      "bulkhead",
      "rate-limit",
      "hedging",
      "fallback",
      "etcd",
      "typescript",
    ],
    ...rest,
    ...(repository !== undefined && { repository: { type: "git", url: repository } }),
    bin: { switchgear: BIN },
    sideEffects: false,
    engines: { node: `>=${OLDEST_NODE}` },
    peerDependencies: Object.fromEntries(
      clients.map(([client, { oldest, newest }]) => [client, `>=${oldest} <=${newest}`]),
    ),
    peerDependenciesMeta: Object.fromEntries(
      clients.map(([client]) => [client, { optional: true }]),
    ),
  };
}
