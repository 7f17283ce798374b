import { type Duration, parseDuration } from "../time/duration.ts";
import { describeValue } from "./describe_value.ts";
import { nearestName } from "./nearest_name.ts";

/** What a number given in code may be. */
export interface NumberRange {
  /** The least that is allowed. */
  readonly min?: number;
  /** Must be exceeded. */
  readonly above?: number;
  /** The most that is allowed. */
  readonly max?: number;
}

/**
 * Checks what is given in code, at construction. Each message names what could
 * not be done, the field, what is allowed and what was found:
 * `Cannot create bulkhead "db": "maxConcurrent" must be an integer of at least 1, received 0`.
 */
export class OptionsCheck {
  readonly #task: string;

  /** Checks what is given to `task`, such as `create bulkhead "db"`. */
  constructor(task: string) {
    this.#task = task;
  }

  /**
   * Refuses what is no object, and names that are not known.
   *
   * @throws {TypeError} If `options` is no object or has a field that is not in `known`.
   */
  known(options: unknown, known: readonly string[]): void {
    if (typeof options !== "object" || options === null || Array.isArray(options)) {
      throw new TypeError(
        `Cannot ${this.#task}: options must be an object, received ${describeValue(options)}`,
      );
    }
    for (const name of Object.keys(options)) {
      if (known.includes(name)) continue;
      throw new TypeError(
        `Cannot ${this.#task}: unknown option ${describeValue(name)}; ${hintFor(name, known)}`,
      );
    }
  }

  /**
   * A number within a range.
   *
   * @throws {TypeError} If `value` is no number.
   * @throws {RangeError} If it is not finite or out of range.
   */
  number(field: string, value: unknown, range: NumberRange = {}): number {
    const isInfinite = typeof value === "number" && !Number.isFinite(value);
    return this.#ranged(field, value, isInfinite ? "a finite number" : "a number", range);
  }

  /**
   * A whole number within a range.
   *
   * @throws {TypeError} If `value` is no number.
   * @throws {RangeError} If it is no safe integer or out of range.
   */
  integer(field: string, value: unknown, range: NumberRange = {}): number {
    const number = this.#ranged(field, value, "an integer", range);
    if (!Number.isSafeInteger(number)) {
      throw new RangeError(this.#wrong(field, `an integer${allowed(range)}`, value));
    }
    return number;
  }

  /**
   * A duration in milliseconds.
   *
   * @throws {TypeError} If `value` is neither text nor a number.
   * @throws {RangeError} If it is no duration or out of range (in milliseconds).
   */
  duration(field: string, value: Duration, range: NumberRange = {}): number {
    let ms: number;
    try {
      ms = parseDuration(value);
    } catch (error) {
      const wrong = this.#wrong(field, 'a duration such as "250ms" or milliseconds', value);
      throw error instanceof TypeError ? new TypeError(wrong) : new RangeError(wrong);
    }
    if (isOut(ms, range)) {
      throw new RangeError(this.#wrong(field, `a duration${allowed(range, " ms")}`, value));
    }
    return ms;
  }

  /**
   * One of a few values.
   *
   * @throws {TypeError} If `value` is none of `choices`.
   */
  oneOf<T extends string | boolean>(field: string, value: unknown, choices: readonly T[]): T {
    const found = choices.find((choice) => choice === value);
    if (found !== undefined) return found;
    throw new TypeError(this.#wrong(field, `one of ${choices.join(", ")}`, value));
  }

  /**
   * A text.
   *
   * @throws {TypeError} If `value` is none.
   */
  text(field: string, value: unknown): string {
    if (typeof value === "string") return value;
    throw new TypeError(this.#wrong(field, "a text", value));
  }

  /**
   * Refuses what has no methods.
   *
   * @throws {TypeError} If `value` is neither an object nor a function.
   */
  object(field: string, value: unknown): void {
    if (typeof value === "function" || (typeof value === "object" && value !== null)) return;
    throw new TypeError(this.#wrong(field, "an object", value));
  }

  /**
   * Refuses what lacks one of the methods that will be called.
   *
   * @throws {TypeError} If `value` has no methods, or not each of `names`.
   */
  methods(field: string, value: unknown, names: readonly string[]): void {
    this.object(field, value);
    for (const name of names) this.callable(`${field}.${name}`, Reflect.get(Object(value), name));
  }

  /**
   * The caller's signal; `null` is none, as for `fetch`. What another realm or a polyfill makes is one, too.
   *
   * @throws {TypeError} If `value` is something else.
   */
  signal(value: unknown): AbortSignal | undefined {
    if (value === undefined || value === null) return undefined;
    if (isSignal(value)) return value;
    const isController = typeof value === "object" && "signal" in value && isSignal(value.signal);
    const hint = isController ? '; did you mean its "signal"?' : "";
    throw new TypeError(this.#wrong("signal", "an AbortSignal", value) + hint);
  }

  /**
   * Refuses what cannot be called.
   *
   * @throws {TypeError} If `value` is no function.
   */
  callable(field: string, value: unknown): void {
    if (typeof value !== "function") {
      throw new TypeError(this.#wrong(field, "a function", value));
    }
  }

  #ranged(field: string, value: unknown, kind: string, range: NumberRange): number {
    if (typeof value !== "number") {
      throw new TypeError(this.#wrong(field, kind + allowed(range), value));
    }
    if (!Number.isFinite(value) || isOut(value, range)) {
      throw new RangeError(this.#wrong(field, kind + allowed(range), value));
    }
    return value;
  }

  #wrong(field: string, what: string, value: unknown): string {
    return `Cannot ${this.#task}: "${field}" must be ${what}, received ${describeValue(value)}`;
  }
}

function isSignal(value: unknown): value is AbortSignal {
  return typeof value === "object" && value !== null && "aborted" in value &&
    typeof value.aborted === "boolean" && "addEventListener" in value &&
    typeof value.addEventListener === "function";
}

function hintFor(name: string, known: readonly string[]): string {
  if (known.length === 0) return "there are no options";
  const near = nearestName(name, known);
  return near === undefined ? `known are ${known.join(", ")}` : `did you mean "${near}"?`;
}

function isOut(value: number, { min = -Infinity, above = -Infinity, max = Infinity }: NumberRange) {
  return value < min || value <= above || value > max;
}

/** A range in words, each bound with its unit. */
function allowed({ min, above, max }: NumberRange, unit: string = ""): string {
  if (min !== undefined && max !== undefined) return ` from ${min}${unit} to ${max}${unit}`;
  if (above !== undefined && max !== undefined) {
    return ` above ${above}${unit} and at most ${max}${unit}`;
  }
  if (min !== undefined) return ` of at least ${min}${unit}`;
  if (above !== undefined) return ` above ${above}${unit}`;
  return max === undefined ? "" : ` of at most ${max}${unit}`;
}
