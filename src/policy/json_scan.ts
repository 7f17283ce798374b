import { describeValue } from "../check/describe_value.ts";
import { fieldPath, ROOT_PATH } from "../check/json_path.ts";

/** How deep values may be nested: far deeper than any policy, and safe for every engine's parser. */
const MAX_DEPTH = 1_000;

/** Deepest field that a collection of policies has; what lies deeper is refused whole in any case. */
const MAX_FIELD_DEPTH = 3;

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y;
const LITERAL = /true|false|null/y;
/** A word, cut where messages cut it anyway, or one character. */
const WORD = /[-+.\w]{1,61}|./suy;
const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;

/** Where something stands in a text, both counted from 1. */
export interface TextPosition {
  /** Line, ended by a line feed, a carriage return or both. */
  readonly line: number;
  /** Column in UTF-16 units, as editors count. */
  readonly column: number;
}

/** A field that stands again in an object that has it already. */
export interface RepeatedField {
  /** Its JSON path. */
  readonly path: string;
  /** Where its name stands the second time. */
  readonly position: TextPosition;
}

/** What a text is as JSON. */
export type JsonScan =
  | {
    readonly valid: true;
    /** Each repeated field once, in the order of the text. */
    readonly repeated: readonly RepeatedField[];
  }
  | {
    readonly valid: false;
    /** Where the text stops being JSON. */
    readonly position: TextPosition;
    /** What stands there. */
    readonly found: string;
    /** What JSON would have there. */
    readonly allowed: string;
  };

/**
 * Checks that a text is JSON (RFC 8259), and finds the fields that stand more
 * than once in their object, of which `JSON.parse` would keep the last without
 * a word. Takes linear time and does not recurse. Repeated fields are looked
 * for as deep as policies have fields.
 *
 * @param text The text, without a byte order mark.
 * @returns The repeated fields, or where and why the text is no JSON.
 */
export function scanJson(text: string): JsonScan {
  const scanner = new JsonScanner(text);
  try {
    return { valid: true, repeated: scanner.scan() };
  } catch (error) {
    if (!(error instanceof UnexpectedText)) throw error;
    const { position, found, allowed } = error;
    return { valid: false, position, found, allowed };
  }
}

class UnexpectedText extends Error {
  constructor(readonly position: TextPosition, readonly found: string, readonly allowed: string) {
    super();
  }
}

/** The fields of an object that could be a policy, a part of one or a collection of them. */
interface NamedFields {
  readonly path: string;
  /** Every name so far, `true` for one that was reported as repeated. */
  readonly names: Map<string, boolean>;
  /** The name read last, whose value comes next. */
  name: string;
}

/** An array or object that the scan is inside of. */
interface Container {
  readonly close: "]" | "}";
  readonly fields: NamedFields | undefined;
}

class JsonScanner {
  readonly #text: string;
  readonly #repeated: RepeatedField[] = [];
  readonly #open: Container[] = [];
  #at = 0;
  #line = 1;
  #lineStart = 0;

  constructor(text: string) {
    this.#text = text;
  }

  scan(): readonly RepeatedField[] {
    do {
      this.#skipSpace();
      if (this.#readValue()) this.#leaveEnded();
    } while (this.#open.length > 0);
    if (this.#at < this.#text.length) this.#fail("the end of the text");
    return this.#repeated;
  }

  /** Reads a whole value, or enters one up to where its first inner value begins, which is `false`. */
  #readValue(): boolean {
    if (this.#skip("{")) return this.#enter("}");
    if (this.#skip("[")) return this.#enter("]");
    if (this.#text[this.#at] === '"') this.#readString();
    else if (!this.#skipMatch(NUMBER) && !this.#skipMatch(LITERAL)) this.#fail("a value");
    return true;
  }

  #enter(close: "]" | "}"): boolean {
    if (this.#open.length === MAX_DEPTH) {
      this.#at--;
      this.#fail(`at most ${MAX_DEPTH} levels of nesting`);
    }
    this.#skipSpace();
    if (this.#skip(close)) return true;
    const container = { close, fields: close === "}" ? this.#newFields() : undefined };
    this.#open.push(container);
    if (close === "}") this.#readName(container);
    return false;
  }

  #newFields(): NamedFields | undefined {
    const parent = this.#open.at(-1);
    if (parent === undefined) return { path: ROOT_PATH, names: new Map(), name: "" };
    if (parent.fields === undefined || this.#open.length === MAX_FIELD_DEPTH) return undefined;
    const path = fieldPath(parent.fields.path, parent.fields.name);
    return { path, names: new Map(), name: "" };
  }

  /** After a value: leaves the containers that end with it, up to where the next value begins. */
  #leaveEnded(): void {
    this.#skipSpace();
    for (
      let container = this.#open.at(-1);
      container !== undefined;
      container = this.#open.at(-1)
    ) {
      if (this.#skip(",")) {
        this.#skipSpace();
        if (container.close === "}") this.#readName(container);
        return;
      }
      if (!this.#skip(container.close)) this.#fail(`"," or "${container.close}"`);
      this.#open.pop();
      this.#skipSpace();
    }
  }

  #readName({ fields }: Container): void {
    const position = this.#position();
    if (this.#text[this.#at] !== '"') this.#fail("a field name in double quotes");
    const start = this.#at;
    this.#readString();
    if (fields !== undefined) this.#remember(fields, start, position);
    this.#skipSpace();
    if (!this.#skip(":")) this.#fail('":"');
  }

  #remember(fields: NamedFields, start: number, position: TextPosition): void {
    const quoted = this.#text.slice(start, this.#at);
    fields.name = quoted.includes("\\") ? JSON.parse(quoted) : quoted.slice(1, -1);
    const reported = fields.names.get(fields.name);
    if (reported === false) {
      this.#repeated.push({ path: fieldPath(fields.path, fields.name), position });
    }
    fields.names.set(fields.name, reported !== undefined);
  }

  #readString(): void {
    this.#at++;
    for (;;) {
      const unit = this.#text.charCodeAt(this.#at);
      if (!(unit >= 0x20)) this.#fail("the rest of the string and a double quote");
      if (unit === 0x5c) {
        if (!this.#skipMatch(ESCAPE)) this.#fail("one of JSON's escapes");
        continue;
      }
      this.#at++;
      if (unit === 0x22) return;
    }
  }

  #skipSpace(): void {
    for (;; this.#at++) {
      const unit = this.#text.charCodeAt(this.#at);
      const endsLine = unit === 0x0a || unit === 0x0d;
      if (!endsLine && unit !== 0x20 && unit !== 0x09) return;
      if (!endsLine) continue;
      const secondHalf = unit === 0x0a && this.#text[this.#at - 1] === "\r";
      if (!secondHalf) this.#line++;
      this.#lineStart = this.#at + 1;
    }
  }

  #skip(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #skipMatch(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.#text)) return false;
    this.#at = pattern.lastIndex;
    return true;
  }

  #position(): TextPosition {
    return { line: this.#line, column: this.#at - this.#lineStart + 1 };
  }

  #fail(allowed: string): never {
    throw new UnexpectedText(this.#position(), this.#found(), allowed);
  }

  #found(): string {
    if (this.#at >= this.#text.length) return "the end of the text";
    WORD.lastIndex = this.#at;
    const [found] = WORD.exec(this.#text) ?? [];
    return describeValue(found);
  }
}
