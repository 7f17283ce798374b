import type { Mode } from "../../policy/policy.ts";
import type { Nanos } from "../../time/timeline.ts";
import { Announcer } from "../events/announcer.ts";
import type { CommonRefusal } from "../events/refusal.ts";
import type { Criterion } from "../trip/trip_criteria.ts";
import type { Holds } from "./holds.ts";
import type { ProbeTimes } from "./probe_times.ts";

/** What most breakers never have. */
class SeldomThings {
  overridden: Mode | undefined;
  crossed: Criterion | undefined;
  probeTimes: ProbeTimes | undefined;
  holds: Holds | undefined;
  resumedAt: Nanos | undefined;
  common: CommonRefusal | undefined;
  permitRefusal: (() => Error) | undefined;
}

/** The part of a breaker that most never need: it stands in an object of its own, so that it costs the others one word. */
export abstract class Seldom extends Announcer {
  #things: SeldomThings | undefined;

  /** The mode set in code, which wins over the policy's. */
  get overridden(): Mode | undefined {
    return this.#things?.overridden;
  }

  set overridden(mode: Mode | undefined) {
    if (mode !== this.overridden) this.things().overridden = mode;
  }

  /** In the mode `metrics-only`: the criterion whose crossing is announced and not over. */
  get crossed(): Criterion | undefined {
    return this.#things?.crossed;
  }

  set crossed(criterion: Criterion | undefined) {
    if (criterion !== this.crossed) this.things().crossed = criterion;
  }

  /** What overdue probes have taught; comes into being with the first probe. */
  get probeTimes(): ProbeTimes | undefined {
    return this.#things?.probeTimes;
  }

  set probeTimes(times: ProbeTimes | undefined) {
    if (times !== this.probeTimes) this.things().probeTimes = times;
  }

  /** Comes into being with the first hold (R22). */
  get holds(): Holds | undefined {
    return this.#things?.holds;
  }

  set holds(holds: Holds | undefined) {
    if (holds !== this.holds) this.things().holds = holds;
  }

  /** The instant of the snapshot that it was restored from. */
  protected get resumedAt(): Nanos | undefined {
    return this.#things?.resumedAt;
  }

  protected set resumedAt(at: Nanos | undefined) {
    this.things().resumedAt = at;
  }

  /** What the refusals of this opening have in common; comes into being with the first that says so. */
  protected get common(): CommonRefusal | undefined {
    return this.#things?.common;
  }

  protected set common(common: CommonRefusal | undefined) {
    this.things().common = common;
  }

  /** Makes the error of the permit that was refused last; `undefined`: nobody was told of that before. */
  protected get permitRefusal(): (() => Error) | undefined {
    return this.#things?.permitRefusal;
  }

  protected set permitRefusal(error: (() => Error) | undefined) {
    if (error !== this.permitRefusal) this.things().permitRefusal = error;
  }

  protected things(): SeldomThings {
    return this.#things ??= new SeldomThings();
  }
}
