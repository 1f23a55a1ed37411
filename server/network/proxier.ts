// What both service proxies are to the network: something that puts routes in force.
import type { ForwarderCounts, ListenFailure } from './forwarder.ts'
import type { RouteChanges } from './table.ts'

export type ProxyMode = 'userspace' | 'iptables'

export interface Proxier {
  readonly mode: ProxyMode
  /**
   * Puts the changes in force; resolves when new connections follow them, with the addresses that could not be had.
   * `nodes` are the addresses that answer node ports. Rejects when nothing could be programmed; then call again.
   */
  program(changes: RouteChanges, nodes: readonly string[]): Promise<ListenFailure[]>
  /** Connections passed through, where the proxy sees them. */
  counts(): ForwarderCounts | undefined
  /** Takes every route out of force. `graceful`: connections that are open end in good order first. */
  close(graceful: boolean): Promise<void>
}
