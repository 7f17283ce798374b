/** A place in a {@linkcode WaitingLine}, between the one before it and the one after. */
export class LinePlace<T extends object> {
  /** The line that it is part of; `undefined` once it has left. */
  line: WaitingLine<T> | undefined;
  /** The place before it. */
  previous: LinePlace<T> | undefined;
  /** The place after it. */
  next: LinePlace<T> | undefined;

  /** Created by {@linkcode WaitingLine.push}. */
  constructor(line: WaitingLine<T>, readonly value: T) {
    this.line = line;
  }
}

/**
 * Those who wait: first in, first out. Whoever gives up leaves from anywhere in
 * the line, in constant time however long it is, and keeps nothing alive. A
 * doubly linked list.
 *
 * @typeParam T Who waits.
 */
export class WaitingLine<T extends object> {
  #first: LinePlace<T> | undefined;
  #last: LinePlace<T> | undefined;
  #length = 0;

  /** How many wait. */
  get length(): number {
    return this.#length;
  }

  /** Goes to the end of the line. */
  push(value: T): LinePlace<T> {
    const place = new LinePlace(this, value);
    place.previous = this.#last;
    if (this.#last === undefined) this.#first = place;
    else this.#last.next = place;
    this.#last = place;
    this.#length++;
    return place;
  }

  /** Takes the first out of the line; `undefined`: nobody waits. */
  shift(): T | undefined {
    const first = this.#first;
    if (first === undefined) return undefined;
    this.remove(first);
    return first.value;
  }

  /** Leaves the line, and tells whether it was in this one until now. */
  remove(place: LinePlace<T>): boolean {
    if (place.line !== this) return false;
    const { previous, next } = place;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    place.line = place.previous = place.next = undefined;
    this.#length--;
    return true;
  }
}
