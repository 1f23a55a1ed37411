// What the service proxy's process and its parent say to each other, over Node's IPC channel.
import type { ForwarderCounts, ListenFailure } from './forwarder.ts'
import type { RouteChanges } from './table.ts'

export type ToProxy =
  /** Put the changes in force. `nodes` are the addresses that answer node ports. */
  | { type: 'program'; version: number; changes: RouteChanges; nodes: readonly string[] }
  /**
   * Others take new connections now: listen until none come, end what is open in good order, exit. A `program` before that
   * means stay, and says everything that is to be in force.
   */
  | { type: 'leave' }

export type FromProxy =
  | { type: 'programmed'; version: number; failures: ListenFailure[] }
  | { type: 'counts'; counts: ForwarderCounts }
