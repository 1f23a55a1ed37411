// What the service proxy cannot do is said in Warning events on the object that asks for it.
import type { Kind } from '../../shared/kubernetes/kinds.ts'
import { apiVersionOf } from '../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../shared/kubernetes/meta.ts'
import type { EventRecorder } from '../machinery/events.ts'
import { createEventRecorder } from '../machinery/events.ts'
import type { RoomDeps } from '../machinery/room.ts'
import { NOT_TCP } from './forwarder.ts'

export class Warnings {
  readonly #events: EventRecorder

  constructor(deps: RoomDeps) {
    this.#events = createEventRecorder({ ...deps, component: 'service-proxy' })
  }

  warn(kind: Kind, { metadata }: KubeObject, reason: string, message: string): void {
    const { namespace = '', name = '', uid = '', resourceVersion = '' } = metadata
    const about = { apiVersion: apiVersionOf(kind), kind: kind.kind, namespace, name }
    this.#events.event({ ...about, uid, resourceVersion }, 'Warning', reason, message)
  }

  /** Resolves when all of them are written or given up. */
  written(): Promise<void> {
    return this.#events.flushed()
  }
}

/** What a system error's code means for somebody who wanted a service there. */
export function whyNotListening(code: string): string {
  if (code === 'EACCES') return 'ports below 1024 need more rights on this machine'
  if (code === NOT_TCP)
    return 'only TCP is proxied in userspace mode; iptables mode has UDP as well'
  if (code === 'EADDRINUSE') return 'another program has it'
  return code
}
