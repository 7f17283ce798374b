import type { Mode } from "../../policy/policy.ts";
import type { Nanos } from "../../time/timeline.ts";
import { Announcer } from "../events/announcer.ts";
import type { CommonRefusal } from "../events/refusal.ts";
import type { Criterion } from "../trip/trip_criteria.ts";
import type { Holds } from "./holds.ts";
import type { ProbeTimes } from "./probe_times.ts";

/** What most breakers never have. */
class RareFields {
  overridden: Mode | undefined;
  crossed: Criterion | undefined;
  probeTimes: ProbeTimes | undefined;
  holds: Holds | undefined;
  resumedAt: Nanos | undefined;
  common: CommonRefusal | undefined;
  permitRefusal: (() => Error) | undefined;
}

/** The part of a breaker that most never need: it stands in an object of its own, so that it costs the others one word. */
export abstract class RareFieldsOwner extends Announcer {
  #rare: RareFields | undefined;

  /** The mode set in code, which wins over the policy's. */
  get overridden(): Mode | undefined {
    return this.#rare?.overridden;
  }

  set overridden(mode: Mode | undefined) {
    if (mode !== this.overridden) this.rare().overridden = mode;
  }

  /** In the mode `metrics-only`: the criterion whose crossing is announced and not over. */
  get crossed(): Criterion | undefined {
    return this.#rare?.crossed;
  }

  set crossed(criterion: Criterion | undefined) {
    if (criterion !== this.crossed) this.rare().crossed = criterion;
  }

  /** What overdue probes have taught; comes into being with the first probe. */
  get probeTimes(): ProbeTimes | undefined {
    return this.#rare?.probeTimes;
  }

  set probeTimes(times: ProbeTimes | undefined) {
    if (times !== this.probeTimes) this.rare().probeTimes = times;
  }

  /** Comes into being with the first hold (R22). */
  get holds(): Holds | undefined {
    return this.#rare?.holds;
  }

  set holds(holds: Holds | undefined) {
    if (holds !== this.holds) this.rare().holds = holds;
  }

  /** The instant of the snapshot that it was restored from. */
  protected get resumedAt(): Nanos | undefined {
    return this.#rare?.resumedAt;
  }

  protected set resumedAt(at: Nanos | undefined) {
    this.rare().resumedAt = at;
  }

  /** What the refusals of this opening have in common; comes into being with the first that says so. */
  protected get common(): CommonRefusal | undefined {
    return this.#rare?.common;
  }

  protected set common(common: CommonRefusal | undefined) {
    this.rare().common = common;
  }

  /** Makes the error of the permit that was refused last; `undefined`: nobody was told of that before. */
  protected get permitRefusal(): (() => Error) | undefined {
    return this.#rare?.permitRefusal;
  }

  protected set permitRefusal(error: (() => Error) | undefined) {
    if (error !== this.permitRefusal) this.rare().permitRefusal = error;
  }

  protected rare(): RareFields {
    return this.#rare ??= new RareFields();
  }
}
