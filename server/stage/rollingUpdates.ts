// Rolling updates of ReplicationControllers that the stage carries out itself, as `podium rolling-update` does elsewhere.
import { replicationControllers } from '../../shared/kubernetes/kinds.ts'
import { ApiError } from '../../shared/status.ts'
import type { EventRecorder } from '../machinery/events.ts'
import { createEventRecorder } from '../machinery/events.ts'
import { messageOf } from '../machinery/log.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import { rollingUpdate } from '../rolling-update/rolling-update.ts'

/** The hall does not wait a minute for each pod. */
export const STAGE_UPDATE_PERIOD_MS = 1000
const POLL_INTERVAL_MS = 200
const TIMEOUT_MS = 60_000

export interface RollingUpdates extends Running {
  /**
   * Begins to replace the image of a controller's pods; what happens is told by Events.
   * @throws ApiError 409 while another update of it is under way
   */
  begin(controller: { namespace: string; name: string; uid?: string }, image: string): void
}

export function createRollingUpdates(deps: Omit<RoomDeps, 'informers'>): RollingUpdates {
  const events = createEventRecorder({ ...deps, component: 'rolling-update' })
  const stopping = new AbortController()
  const running = new Map<string, Promise<void>>()
  return {
    begin(controller, image) {
      const key = `${controller.namespace}/${controller.name}`
      if (running.has(key)) throw underWay(controller.name)
      const update = run(deps, events, controller, image, stopping.signal).finally(() =>
        running.delete(key),
      )
      running.set(key, update)
    },
    async close() {
      stopping.abort()
      await Promise.all(running.values())
    },
  }
}

async function run(
  { client, clock }: Omit<RoomDeps, 'informers'>,
  events: EventRecorder,
  { namespace, name, uid }: { namespace: string; name: string; uid?: string },
  image: string,
  signal: AbortSignal,
): Promise<void> {
  const about = { apiVersion: 'v1', kind: replicationControllers.kind, namespace, name }
  const say = (type: 'Normal' | 'Warning', message: string): void =>
    events.event({ ...about, ...(uid && { uid }) }, type, 'RollingUpdate', message)
  try {
    await rollingUpdate(
      {
        namespace,
        oldName: name,
        next: { image },
        updatePeriodMs: STAGE_UPDATE_PERIOD_MS,
        pollIntervalMs: POLL_INTERVAL_MS,
        timeoutMs: TIMEOUT_MS,
      },
      { client, clock, signal, say: (line) => say('Normal', line) },
    )
  } catch (error) {
    if (!signal.aborted) say('Warning', messageOf(error))
  }
}

function underWay(name: string): ApiError {
  return new ApiError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    reason: 'Conflict',
    message: `A rolling update of ${name} is already under way.`,
    code: 409,
  })
}
