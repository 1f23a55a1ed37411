import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import { configMaps, pods, replicaSets } from '../../shared/kubernetes/kinds.ts'
import type { ReplicaSet } from '../../shared/kubernetes/workloads.ts'
import type { Controller, ControllerOptions } from './controller.ts'
import { source, startController, TerminalError } from './controller.ts'
import { createInformers } from './informer.ts'
import { createLog } from './log.ts'
import type { ManualClock } from './manual-clock.ts'
import { createManualClock } from './manual-clock.ts'
import type { FakeClient } from './testing/fake-client.ts'
import { createFakeClient } from './testing/fake-client.ts'

const namespace = 'x'
const replicaSet = (name: string) => ({ metadata: { name, namespace } }) as ReplicaSet
const podOf = (owner: string, name: string, apiVersion = 'apps/v1') =>
  ({
    metadata: {
      name,
      namespace,
      ownerReferences: [
        { apiVersion, kind: 'ReplicaSet', name: owner, uid: 'u', controller: true },
      ],
    },
  }) as Pod

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('controller', () => {
  let client: FakeClient
  let clock: ManualClock
  let controller: Controller | undefined
  let keys: string[]
  let lines: string[]
  let stopInformers: () => void

  function start(options: Partial<ControllerOptions> = {}): Controller {
    const log = createLog('debug', (line) => lines.push(line))
    const informers = createInformers(client, clock, log)
    stopInformers = () => informers.close()
    const deps = { client, informers, clock, log }
    const reconcile = (key: string): Promise<void> => {
      keys.push(key)
      return Promise.resolve()
    }
    controller = startController(deps, { name: 'test', for: replicaSets, reconcile, ...options })
    return controller
  }

  beforeEach(() => {
    client = createFakeClient()
    clock = createManualClock()
    keys = []
    lines = []
  })
  afterEach(async () => {
    await controller?.close()
    stopInformers()
  })

  it('reconciles what is there, then what changes', async () => {
    await client.create(replicaSets, replicaSet('a'))
    const running = start()
    await running.settled()
    expect(keys).toEqual(['x/a'])
    await client.patch(
      replicaSets,
      { namespace, name: 'a' },
      { spec: { replicas: 2 } },
      { type: 'merge' },
    )
    await client.delete(replicaSets, { namespace, name: 'a' })
    await running.settled()
    expect(keys.slice(1).every((key) => key === 'x/a')).toBe(true)
    expect(keys.length).toBeGreaterThan(1)
  })

  it('reconciles the owner when an owned object changes, and only owners of its kind and group', async () => {
    const running = start({ owns: [pods] })
    await running.settled()
    await client.create(pods, podOf('a', 'a-1'))
    await client.create(pods, podOf('b', 'b-1', 'other/v1'))
    await running.settled()
    expect(keys).toEqual(['x/a'])
  })

  it('reconciles the keys that a watched object names, before and after', async () => {
    const running = start({
      watches: [source(configMaps, (object) => [object.data?.['for'] ?? ''])],
    })
    await client.create(configMaps, { metadata: { name: 'c', namespace }, data: { for: 'x/a' } })
    await running.settled()
    keys.length = 0
    await client.patch(
      configMaps,
      { namespace, name: 'c' },
      { data: { for: 'x/b' } },
      { type: 'merge' },
    )
    await running.settled()
    expect(keys.sort()).toEqual(['x/a', 'x/b'])
  })

  it('never works on one key twice at once, nor on more keys than allowed', async () => {
    let running = 0
    let most = 0
    const active = new Set<string>()
    const loop = start({
      concurrency: 2,
      reconcile: async (key) => {
        expect(active.has(key)).toBe(false)
        active.add(key)
        most = Math.max(most, ++running)
        await turn()
        running--
        active.delete(key)
      },
    })
    for (const key of ['a', 'b', 'c', 'a', 'b']) loop.enqueue(key)
    await turn()
    for (const key of ['a', 'b', 'c']) loop.enqueue(key)
    await loop.settled()
    expect(most).toBe(2)
  })

  it('retries a failure with growing waits until it succeeds, and is not settled before', async () => {
    let left = 3
    const times: number[] = []
    const started = clock.now()
    const loop = start({
      reconcile: () => {
        times.push(clock.now() - started)
        return left-- > 0 ? Promise.reject(new Error('not yet')) : Promise.resolve()
      },
    })
    loop.enqueue('a')
    let settled = false
    const settling = loop.settled().then(() => (settled = true))
    await clock.advance(34)
    expect(settled).toBe(false)
    await clock.advance(10)
    await settling
    expect(times).toEqual([0, 5, 15, 35])
    expect(lines.filter((line) => line.includes('not yet'))).toHaveLength(3)
  })

  it('gives up on a TerminalError until the key comes again', async () => {
    const loop = start({
      reconcile: (key) => {
        keys.push(key)
        return Promise.reject(new TerminalError('hopeless'))
      },
    })
    loop.enqueue('a')
    await loop.settled()
    await clock.advance(60_000)
    expect(keys).toEqual(['a'])
    loop.enqueue('a')
    await loop.settled()
    expect(keys).toEqual(['a', 'a'])
  })

  it('looks again when asked to, and is settled meanwhile', async () => {
    const loop = start({
      reconcile: (key) => {
        keys.push(key)
        return Promise.resolve(keys.length < 3 ? { againInMs: 1000 } : undefined)
      },
    })
    loop.enqueue('a')
    await loop.settled()
    expect(keys).toEqual(['a'])
    await clock.advance(2500)
    expect(keys).toEqual(['a', 'a', 'a'])
  })

  it('close waits for what runs and starts nothing more', async () => {
    let finish: () => void = () => {}
    const loop = start({
      reconcile: (key) => {
        keys.push(key)
        return new Promise<void>((resolve) => (finish = resolve))
      },
      concurrency: 1,
    })
    loop.enqueue('a')
    loop.enqueue('b')
    await turn()
    let closed = false
    const closing = loop.close().then(() => (closed = true))
    await turn()
    expect(closed).toBe(false)
    finish()
    await closing
    expect(keys).toEqual(['a'])
  })
})
