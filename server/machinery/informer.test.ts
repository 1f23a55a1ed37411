import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ConfigMap } from '../../shared/kubernetes/cluster.ts'
import { configMaps } from '../../shared/kubernetes/kinds.ts'
import { internal, unavailable } from '../../shared/status.ts'
import type { Informer, Informers, ObjectChange } from './informer.ts'
import { createInformers } from './informer.ts'
import { createLog } from './log.ts'
import type { ManualClock } from './manual-clock.ts'
import { createManualClock } from './manual-clock.ts'
import type { FakeClient } from './testing/fake-client.ts'
import { createFakeClient } from './testing/fake-client.ts'

const configMap = (name: string, n: string): ConfigMap => ({
  metadata: { name, namespace: 'x', labels: { parity: Number(n) % 2 ? 'odd' : 'even' } },
  data: { n },
})

const short = ({ type, object, previous }: ObjectChange<ConfigMap>): string =>
  `${type} ${object.metadata.name} ${previous?.data?.['n'] ?? '-'}>${object.data?.['n']}`

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('informer', () => {
  let client: FakeClient
  let clock: ManualClock
  let informers: Informers
  let informer: Informer<ConfigMap>
  let lines: string[]
  let seen: string[]

  const create = (name: string, n: string) => client.create(configMaps, configMap(name, n))
  const set = (name: string, n: string) =>
    client.patch(
      configMaps,
      { namespace: 'x', name },
      { data: configMap(name, n).data, metadata: { labels: configMap(name, n).metadata.labels } },
      { type: 'merge' },
    )
  const remove = (name: string) => client.delete(configMaps, { namespace: 'x', name })
  const calls = (verb: string) => client.calls.filter((call) => call.startsWith(verb)).length

  beforeEach(async () => {
    client = createFakeClient()
    clock = createManualClock()
    lines = []
    seen = []
    informers = createInformers(
      client,
      clock,
      createLog('warn', (line) => lines.push(line)),
    )
    await create('a', '1')
    informer = informers.of(configMaps)
    informer.subscribe((change) => seen.push(short(change)))
    await informer.synced
    await turn()
  })
  afterEach(() => informers.close())

  it('is shared by kind and lists once', async () => {
    expect(informers.of(configMaps)).toBe(informer)
    await turn()
    expect(calls('list')).toBe(1)
    expect(informer.get('x/a')?.data).toEqual({ n: '1' })
  })

  it('follows what happens, with the object before', async () => {
    await create('b', '2')
    await set('a', '3')
    await remove('b')
    expect(seen).toEqual(['added a ->1', 'added b ->2', 'modified a 1>3', 'deleted b 2>2'])
    expect([...informer.all()].map((object) => object.metadata.name)).toEqual(['a'])
    expect(informer.resourceVersion).toBe(String(client.revision))
  })

  it('tells a late subscriber what is held; a failing one disturbs nobody', async () => {
    informer.subscribe(() => {
      throw new Error('mine')
    })
    const late: string[] = []
    const stop = informer.subscribe((change) => late.push(short(change)))
    expect(late).toEqual(['added a ->1'])
    await set('a', '2')
    stop()
    await set('a', '3')
    expect(late).toEqual(['added a ->1', 'modified a 1>2'])
    expect(lines.some((line) => line.includes('mine'))).toBe(true)
  })

  it('keeps indexes', async () => {
    informer.addIndex('parity', (object) => [object.metadata.labels?.['parity'] ?? ''])
    await create('b', '3')
    const names = (value: string) => informer.byIndex('parity', value).map((o) => o.metadata.name)
    expect(names('odd')).toEqual(['a', 'b'])
    const before = informer.byIndex('parity', 'odd')
    expect(informer.byIndex('parity', 'odd')).toBe(before)
    await set('a', '2')
    expect(names('odd')).toEqual(['b'])
    expect(names('even')).toEqual(['a'])
    await remove('b')
    expect(names('odd')).toEqual([])
    expect(() => informer.byIndex('none', '')).toThrow('none')
  })

  it('resumes a watch that ended from where it was, without listing again', async () => {
    client.endWatches()
    await create('b', '2')
    await clock.advance(1)
    expect(seen).toEqual(['added a ->1', 'added b ->2'])
    expect(calls('list')).toBe(1)
    expect(calls('watch')).toBe(2)
  })

  it('lists again when the past is gone, and tells the difference', async () => {
    await create('b', '2')
    client.endWatches()
    await set('a', '3')
    await remove('b')
    await create('c', '4')
    client.compact()
    await clock.advance(1000)
    expect(calls('list')).toBe(2)
    expect(seen.slice(2)).toEqual(['modified a 1>3', 'added c ->4', 'deleted b 2>2'])
    await set('c', '5')
    expect(seen.at(-1)).toBe('modified c 4>5')
  })

  it('a list that tells what is known already tells nobody', async () => {
    client.endWatches()
    client.compact()
    client.failNext('watch', unavailable('down'))
    await clock.advance(5000)
    expect(seen).toEqual(['added a ->1'])
  })

  it('backs off while the server fails, and says so', async () => {
    const other = createInformers(
      client,
      clock,
      createLog('warn', (line) => lines.push(line)),
    )
    client.failNext('list', internal('broken'))
    const failing = other.of(configMaps)
    await turn()
    client.failNext('list', internal('broken'))
    await clock.advance(1)
    const before = calls('list')
    await clock.advance(90)
    expect(calls('list')).toBe(before)
    await clock.advance(20)
    await failing.synced
    expect(lines.filter((line) => line.includes('broken'))).toHaveLength(2)
    other.close()
  })
})
