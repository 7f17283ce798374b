import type { Fault } from "../../src/check/fault.ts";

/** Why a command did not do what it was asked to. */
export type RefusalKind =
  | "invalid-policy"
  | "not-found"
  | "lost-race"
  | "not-confirmed"
  | "not-supported"
  | "editor-failed";

/** What is wrong with which policy. */
export interface Refused {
  /** The document, for people. */
  readonly subject: string;
  /** Everything that is wrong with it. */
  readonly faults: readonly Fault[];
}

/** A command did not do what it was asked to, for a reason that lies in the store or the policy: exit status 1. */
export class Refusal extends Error {
  /** Why, for programs. */
  readonly kind: RefusalKind;
  /** What is wrong with the policy, where it is that. */
  readonly refused: Refused | undefined;

  /** Creates the refusal; `message` is for people. */
  constructor(kind: RefusalKind, message: string, refused?: Refused) {
    super(message);
    this.kind = kind;
    this.refused = refused;
  }

  static {
    this.prototype.name = "Refusal";
  }
}
