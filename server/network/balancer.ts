// Which target a connection goes to: round robin, or the one this client had before. Pure but for its place in the round.
import type { Route, Target } from './table.ts'

interface Affinity {
  target: Target
  /** Time of the client's last connection, ms. */
  at: number
}

export class Balancer {
  #targets: readonly Target[] = []
  #affinityMs: number | undefined
  #next = 0
  readonly #clients = new Map<string, Affinity>()

  update({ targets, affinitySeconds }: Pick<Route, 'targets' | 'affinitySeconds'>): void {
    this.#targets = targets
    this.#affinityMs = affinitySeconds === undefined ? undefined : affinitySeconds * 1000
    const held = new Set(targets.map(textOf))
    for (const [client, { target }] of this.#clients) {
      if (this.#affinityMs === undefined || !held.has(textOf(target))) this.#clients.delete(client)
    }
  }

  /** The targets to try for a connection of `client` at `now` (ms), best first. */
  order(client: string, now: number): Target[] {
    const count = this.#targets.length
    if (count === 0) return []
    const known = this.#known(client, now)
    const start = this.#next++ % count
    const round = [...this.#targets.slice(start), ...this.#targets.slice(0, start)]
    return known ? [known, ...round.filter((target) => textOf(target) !== textOf(known))] : round
  }

  /** The client's connection at `now` went to `target`. */
  chose(client: string, target: Target, now: number): void {
    if (this.#affinityMs === undefined) return
    // In order of use, so that the oldest come first.
    this.#clients.delete(client)
    this.#clients.set(client, { target, at: now })
    for (const [oldest, { at }] of this.#clients) {
      if (now - at <= this.#affinityMs) break
      this.#clients.delete(oldest)
    }
  }

  #known(client: string, now: number): Target | undefined {
    const known = this.#clients.get(client)
    return known && now - known.at <= (this.#affinityMs ?? 0) ? known.target : undefined
  }
}

const textOf = ({ ip, port }: Target): string => `${ip}:${port}`
