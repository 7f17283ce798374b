import type { Classification } from "../../src/breaker/host/settings.ts";
import type { StreamOptions } from "../../src/breaker/stream/stream_options.ts";
import { OptionsCheck } from "../../src/check/check_options.ts";
import { describeValue } from "../../src/check/describe_value.ts";
import { natsFailure } from "./nats_failure.ts";
import { postgresFailure } from "./postgres_failure.ts";
import { redisFailure } from "./redis_failure.ts";

/** The limits of streams, as `breaker.stream` takes them. */
export type GuardStreamOptions = Pick<StreamOptions, "timeout" | "firstWithin" | "idleWithin">;

/** What {@linkcode guard} takes. */
export interface GuardOptions extends Classification {
  /** The breaker's name; with `shared: false` the first part of each one's. */
  name: string;
  /**
   * Which methods are guarded: a list of names, refused from their first call, or a predicate.
   *
   * @default all but EventEmitter's, those that end or give back (`close`, `end`, `release` …) and `closed`
   */
  methods?: (readonly string[] | ((method: string) => boolean)) | undefined;
  /** One breaker for the whole client; `false`: one per method, named `name.method`. @default true */
  shared?: boolean | undefined;
  /**
   * Names of properties and methods whose object, also one that a promise resolves to, is guarded
   * as well, under these options: `["connect"]` guards the clients that a pool lends.
   *
   * @default []
   */
  nested?: readonly string[] | undefined;
  /**
   * Whether an error is a failure; `false`: the dependency answered, a success.
   *
   * @default the provider's, else what `postgresFailure`, `redisFailure` and `natsFailure` agree on
   */
  isFailure?: ((error: unknown) => boolean) | undefined;
  /**
   * The limits of the async iterables that methods return or resolve to. What is cut off at a limit is ended by its
   * `destroy()` or by its `controller`, if it has one. `false`: these are handed on as they are, as is right for
   * subscriptions, which may be silent for as long as they like.
   *
   * @default {}
   */
  streams?: GuardStreamOptions | false | undefined;
  /** Takes what a call resolved to after its time limit; nobody else will. @default calls its `release`, if it has one */
  late?: ((value: unknown, method: string) => unknown) | undefined;
}

/** The options with their defaults. */
export interface GuardSettings {
  readonly name: string;
  readonly shared: boolean;
  readonly nested: ReadonlySet<string>;
  /** Whether a method is guarded: `always` from its first call, where it was listed. */
  readonly coverage: (method: string) => "always" | "learned" | "never";
  readonly late: (value: unknown, method: string) => unknown;
  /** The limits of streams; `undefined`: they are left alone. */
  readonly streams: GuardStreamOptions | undefined;
  readonly classification: Classification;
}

const KNOWN = ["name", "methods", "shared", "nested", "streams", "late"];
const STREAM_LIMITS = ["timeout", "firstWithin", "idleWithin"] as const;
const JUDGES: readonly (keyof Classification)[] = [
  "isIgnored",
  "isFailure",
  "isResultFailure",
  "holdAfter",
];

/** What must work while the breaker is open, or is meant to wait for as long as it takes. */
const NOT_GUARDED = new Set(
  `on off once emit addListener removeListener removeAllListeners prependListener
  prependOnceListener addEventListener removeEventListener dispatchEvent end close closed quit
  disconnect release destroy dispose drain stop shutdown unref ref`.split(/\s+/),
);

/**
 * Checks the options of a guard.
 *
 * @throws {TypeError} If one is not known or not of its form.
 */
export function guardSettings(options: GuardOptions): GuardSettings {
  const check = new OptionsCheck("guard client");
  check.known(options, [...KNOWN, ...JUDGES]);
  const { methods, nested = [], shared = true, streams = {}, late = release } = options;
  const { isIgnored, isFailure, isResultFailure, holdAfter } = options;
  const classification = { isIgnored, isFailure, isResultFailure, holdAfter };
  for (const [name, given] of Object.entries(classification)) {
    if (given !== undefined) check.callable(name, given);
  }
  check.callable("late", late);
  return {
    name: check.text("name", options.name),
    shared: check.oneOf("shared", shared, [true, false]),
    nested: new Set(names(check, "nested", nested)),
    coverage: coverageOf(check, methods),
    late,
    streams: streams === false ? undefined : checkStreams(check, streams),
    classification,
  };
}

function checkStreams(check: OptionsCheck, limits: GuardStreamOptions): GuardStreamOptions {
  check.known(limits, STREAM_LIMITS);
  for (const limit of STREAM_LIMITS) {
    const given = limits[limit];
    if (given !== undefined && given !== null) check.duration(limit, given, { above: 0 });
  }
  return { ...limits };
}

function coverageOf(
  check: OptionsCheck,
  methods: GuardOptions["methods"],
): GuardSettings["coverage"] {
  if (methods === undefined) return (name) => NOT_GUARDED.has(name) ? "never" : "learned";
  if (typeof methods === "function") return (name) => methods(name) ? "learned" : "never";
  const listed = new Set(names(check, "methods", methods));
  return (name) => listed.has(name) ? "always" : "never";
}

function names(check: OptionsCheck, field: string, given: unknown): readonly string[] {
  if (Array.isArray(given)) return given.map((name) => check.text(field, name));
  throw new TypeError(
    `Cannot guard client: "${field}" must be a list of names, received ${describeValue(given)}`,
  );
}

/** The default of `isFailure`: each of the three is false for its own server's answers alone. */
export function failsEverywhere(error: unknown): boolean {
  return postgresFailure(error) && redisFailure(error) && natsFailure(error);
}

function release(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("release" in value)) return undefined;
  return typeof value.release === "function" ? value.release() : undefined;
}
