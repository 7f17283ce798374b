/** What a call is: something that settles, or does not. */
export type Operation = () => Promise<string>;

/** One breaker of a library, closed, that opens at the second failure in a row or as near to that as it can be set. */
export interface Subject extends Disposable {
  /** Makes a call. */
  call(operation: Operation): Promise<string>;
  /** Makes a call that gives its items one by one; absent: there is no way but a call that gives the iterable. */
  stream?(operation: () => AsyncIterable<string>): AsyncIterable<string>;
  /** Has a listener called when the breaker opens. */
  onOpen(listener: () => void): void;
}

/** What a breaker is created with. */
export interface SubjectSettings {
  /** How long it stays open, in milliseconds. */
  readonly openForMs: number;
  /** Time limit of one call, in milliseconds; absent: none. */
  readonly timeLimitMs?: number;
  /** Failures in a row that open. @default 2 */
  readonly failures?: number;
}

/** A breaker whose threshold can be changed while it is in use. */
export interface LiveSubject extends Subject {
  /** Changes the failures in a row that open. */
  setFailures(failures: number): void;
}

/** A library, set up by its documented options alone. */
export interface FaultContender {
  /** The library, with its version if it comes from npm. */
  readonly name: string;
  /** Creates a breaker. */
  create(settings: SubjectSettings): Subject | Promise<Subject>;
  /** The documented way of changing its threshold while it is in use; absent: there is none. */
  readonly live?: {
    /** By what. */
    readonly means: string;
    /** Creates a breaker that can be changed so. */
    create(settings: SubjectSettings): LiveSubject;
  };
  /** What else its documentation offers against a probe that hangs, besides a time limit on each call. */
  readonly probeLimit?: {
    /** What it is called. */
    readonly option: string;
    /** Creates a breaker with it. */
    create(settings: SubjectSettings): Subject;
  };
}
