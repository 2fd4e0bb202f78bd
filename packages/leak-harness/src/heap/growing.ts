/** Numbers, as many as come. */
export class GrowingUint32 {
  #values = new Uint32Array(1_024)
  #length = 0

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Uint32Array(this.#length * 2)
      larger.set(this.#values)
      this.#values = larger
    }
    this.#values[this.#length++] = value
  }

  at(index: number): number {
    return this.#values[index] ?? 0
  }

  toArray(): Uint32Array {
    return this.#values.subarray(0, this.#length)
  }
}

/** JSON strings as the bytes they came as: each is decoded when it is asked for. */
export class GrowingStrings {
  #bytes = new Uint8Array(65_536)
  #used = 0
  readonly #ends = new GrowingUint32()

  append(bytes: Uint8Array): void {
    const needed = this.#used + bytes.length
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2))
      larger.set(this.#bytes.subarray(0, this.#used))
      this.#bytes = larger
    }
    this.#bytes.set(bytes, this.#used)
    this.#used = needed
  }

  endString(): void {
    this.#ends.push(this.#used)
  }

  /** The text of a string, by its place; empty for one that there is not. */
  text(index: number): string {
    const start = index === 0 ? 0 : this.#ends.at(index - 1)
    const json = new TextDecoder().decode(this.#bytes.subarray(start, this.#ends.at(index)))
    return json.includes('\\') ? (JSON.parse(`"${json}"`) as string) : json
  }
}
