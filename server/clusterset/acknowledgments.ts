// Up to which revision another cluster's endpoints are in force here. That cluster's kubelets wait for it before they stop
// a pod, as they do for their own service proxy. Pure bookkeeping.

interface Pending {
  /** `namespace/name` of the service. */
  key: string
  /** The other cluster's revision of the change. */
  revision: number
  /** This cluster's revision that carries it; undefined until it is written. */
  written: number | undefined
}

export class Acknowledgments {
  /** In order of revision. */
  #pending: Pending[] = []
  #newest: number

  /** @param newest the other cluster's revision up to which everything is known at the start */
  constructor(newest = 0) {
    this.#newest = newest
  }

  /** A slice of that service changed in the other cluster. */
  changed(key: string, revision: number): void {
    this.#newest = Math.max(this.#newest, revision)
    this.#pending.push({ key, revision, written: undefined })
  }

  /** The newest change that is known. */
  get newest(): number {
    return this.#newest
  }

  /** This cluster's slices of the service now hold everything up to `upTo`, written at `revision` (0: nothing to program). */
  wrote(key: string, upTo: number, revision: number): void {
    for (const one of this.#pending) {
      if (one.key === key && one.revision <= upTo) one.written ??= revision
    }
  }

  /**
   * The other cluster's revision up to which everything is in force.
   * @param programmed this cluster's revision that its service proxy has in force
   */
  inForce(programmed: number): number {
    const isOpen = ({ written }: Pending): boolean => written === undefined || written > programmed
    this.#pending = this.#pending.filter(isOpen)
    const [first] = this.#pending
    return first ? first.revision - 1 : this.#newest
  }
}
