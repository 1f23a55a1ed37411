// A cluster of one fake API and one controller, for tests.
import { setTimeout as sleep } from 'node:timers/promises'
import { vi } from 'vitest'
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import { events } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { Clock } from '../../machinery/clock.ts'
import { systemClock } from '../../machinery/clock.ts'
import { createInformers } from '../../machinery/informer.ts'
import { createLog } from '../../machinery/log.ts'
import type { RoomDeps, Running } from '../../machinery/room.ts'
import type { FakeClient } from '../../machinery/testing/fake-client.ts'
import { createFakeClient } from '../../machinery/testing/fake-client.ts'

// A busy machine may take its time; states that come are seen at once.
vi.setConfig({ expect: { poll: { timeout: 10_000, interval: 5 } } })

export interface TestCluster {
  client: FakeClient
  deps: RoomDeps
  /** The object of that name in namespace default, or cluster-wide. */
  get<T extends KubeObject>(kind: Kind<T>, name: string): Promise<T>
  /** Messages of all Events with this reason. */
  eventsOf(reason: string): Promise<string[]>
  /** Waits until it holds; fails after ten seconds. A call that throws does not hold. */
  until(holds: () => Promise<boolean>): Promise<void>
  close(): Promise<void>
}

/** Starts what `start` starts on an empty cluster that holds `objects`. */
export function startTestCluster(
  start: (deps: RoomDeps) => Running,
  objects: [Kind, KubeObject][] = [],
  clock: Clock = systemClock,
): TestCluster {
  const client = createFakeClient(objects)
  const log = createLog('error', () => undefined)
  const informers = createInformers(client, clock, log)
  const deps = { client, informers, clock, log }
  const running = start(deps)
  return {
    client,
    deps,
    get: (kind, name) =>
      client.get(kind, { name, namespace: kind.namespaced ? 'default' : undefined }),
    eventsOf: async (reason) => {
      const { items } = await client.list(events)
      return items.filter((event) => event.reason === reason).map(({ message = '' }) => message)
    },
    until,
    close: async () => {
      await running.close()
      informers.close()
    },
  }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000
  for (;;) {
    if (await holds().catch(() => false)) return
    if (Date.now() > deadline) throw new Error('it did not come to hold within 10 s')
    await sleep(5)
  }
}
