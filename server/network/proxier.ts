// What both service proxies are to the network: something that puts routes in force.
import type { ForwarderCounts, ListenFailure } from './forwarder.ts'
import type { Route, RouteChanges } from './table.ts'

export type ProxyMode = 'userspace' | 'iptables'

export interface Proxier {
  readonly mode: ProxyMode
  /**
   * Puts the changes in force; resolves when new connections follow them, with the addresses that could not be had.
   * `nodes` are the addresses that answer node ports. Rejects when nothing could be programmed; then call again.
   */
  program(changes: RouteChanges, nodes: readonly string[]): Promise<ListenFailure[]>
  /** For each target of a route, in order: the rule that leads to it as it was written; null where there is none. */
  rulesOf(route: Route): (string | null)[]
  /** Connections passed through, where the proxy sees them. */
  counts(): ForwarderCounts | undefined
  /**
   * Others take new connections now: takes every route out of force. What has already reached it is still served, and open
   * connections go on or end in good order. Resolves when the routes are out of force or on their way; a later `program`
   * begins from nothing.
   */
  leave(): Promise<void>
  /** Takes everything away at once. */
  close(): Promise<void>
}
