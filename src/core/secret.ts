const placeholder = '[secret]';

/** A text that cannot be printed by accident: in every string, JSON or log it reads `[secret]`. */
export class Secret {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  /** Wraps a secret as soon as it is known. */
  static of(text: string): Secret {
    return new Secret(text);
  }

  /** The secret itself: only for whoever writes it to its file or sends it to Entra. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return placeholder;
  }

  toJSON(): string {
    return placeholder;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return placeholder;
  }
}
