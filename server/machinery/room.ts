// What every room of the server is started with, and what starting it answers.
import type { KubeClient } from '../../shared/client.ts'
import type { Clock } from './clock.ts'
import type { Informers } from './informer.ts'
import type { Log } from './log.ts'

/** Handed to each room by the composition root. */
export interface RoomDeps {
  client: KubeClient
  /** One shared informer per kind: rooms in one process watch each kind once. */
  informers: Informers
  clock: Clock
  log: Log
}

/** Whoever starts something gets the way to stop it. `close` resolves when nothing of it runs any more. */
export interface Running {
  close(): Promise<void>
}
