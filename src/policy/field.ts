/** A number within bounds, or a count, which is an integer within bounds. */
export interface NumberType {
  /** Discriminates the kinds of type. */
  readonly kind: "integer" | "number";
  /** Least allowed value. Absent where `above` stands. */
  readonly min?: number;
  /** Bound that the value must exceed. Absent where `min` stands. */
  readonly above?: number;
  /** Greatest allowed value. Absent: any finite number. */
  readonly max?: number;
}

/** A length of time, in Go's notation or as milliseconds, above 0 and at most a year. */
export interface DurationType {
  /** Discriminates the kinds of type. */
  readonly kind: "duration";
}

/** Free text. */
export interface TextType {
  /** Discriminates the kinds of type. */
  readonly kind: "text";
}

/** One of a few words. */
export interface ChoiceType {
  /** Discriminates the kinds of type. */
  readonly kind: "choice";
  /** The words, in the order in which they are listed to people. */
  readonly values: readonly string[];
}

/** An object with fields of its own. */
export interface ObjectType {
  /** Discriminates the kinds of type. */
  readonly kind: "object";
  /** Its fields by name. */
  readonly fields: Fields;
}

/** An object whose field `kind` says which fields it has besides. */
export interface VariantType {
  /** Discriminates the kinds of type. */
  readonly kind: "variant";
  /** The fields besides `kind`, by the value of `kind`. */
  readonly variants: Readonly<Record<string, Fields>>;
  /** What `kind` decides, for people. */
  readonly kindDescription: string;
}

/** What a field may hold. */
export type FieldType =
  | NumberType
  | DurationType
  | TextType
  | ChoiceType
  | ObjectType
  | VariantType;

/** Everything that is said about one field of a policy document. */
export interface Field<Value = unknown> {
  /** What it may hold. */
  readonly type: FieldType;
  /** What it means, as one or two sentences for people. */
  readonly description: string;
  /** What a number in it counts. */
  readonly unit?: string;
  /** What holds where it is left out. Absent: nothing, or what the description says. */
  readonly default?: Value;
  /** Whether it must be given. @default false */
  readonly required?: boolean;
}

/** Fields by name. */
export type Fields = Readonly<Record<string, Field>>;

/** A field for each key of `Document`, so that the compiler finds one forgotten or one too many. */
export type FieldsOf<Document> = {
  readonly [Name in keyof Document]-?: Field<NonNullable<Document[Name]>>;
};

/**
 * The fields of an object of one of several kinds, `kind` first.
 *
 * @param type The type of the object.
 * @param kinds Those of its kinds that it may be of.
 * @returns `kind` and the fields of all those kinds.
 */
export function variantFields(type: VariantType, kinds: readonly string[]): Fields {
  const fields: Record<string, Field> = {
    kind: {
      type: { kind: "choice", values: kinds },
      description: type.kindDescription,
      required: true,
    },
  };
  for (const kind of kinds) Object.assign(fields, type.variants[kind]);
  return fields;
}
