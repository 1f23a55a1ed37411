// The addresses of one node's pods: its podCIDR, handed out in turn so that an address rests before it is used again.

/** The first three numbers of a /24 such as `127.64.3.0/24`. @throws Error for any other text. */
function prefixOf(cidr: string): string {
  const match = /^(\d+\.\d+\.\d+)\.0\/24$/.exec(cidr)
  if (!match) throw new Error(`not a /24 network: ${cidr}`)
  return match[1]!
}

const FIRST = 1
const LAST = 254

export class AddressPool {
  readonly #prefix: string
  readonly #taken = new Set<string>()
  #next = FIRST

  constructor(cidr: string) {
    this.#prefix = prefixOf(cidr)
  }

  /** Claims an address a pod already has; false when it is not of this node or is taken. */
  claim(address: string): boolean {
    if (!address.startsWith(`${this.#prefix}.`) || this.#taken.has(address)) return false
    this.#taken.add(address)
    return true
  }

  /** The next free address; undefined when all 254 are in use. */
  take(): string | undefined {
    for (let tried = FIRST; tried <= LAST; tried++) {
      const address = `${this.#prefix}.${this.#next}`
      this.#next = this.#next === LAST ? FIRST : this.#next + 1
      if (this.claim(address)) return address
    }
    return undefined
  }

  giveBack(address: string): void {
    this.#taken.delete(address)
  }
}
