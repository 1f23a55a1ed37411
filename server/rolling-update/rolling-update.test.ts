import { describe, expect, test } from 'vitest'
import type { KubeClient } from '../../shared/client.ts'
import { configMaps, pods, replicationControllers } from '../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../shared/kubernetes/meta.ts'
import type { ReplicationController } from '../../shared/kubernetes/workloads.ts'
import { createFakeClient } from '../machinery/testing/fake-client.ts'
import { readArguments } from './arguments.ts'
import { ORIGINAL_ANNOTATION } from './controllers.ts'
import type { RollingUpdateOptions } from './rolling-update.ts'
import { rollingUpdate, RollingUpdateError } from './rolling-update.ts'

const key = { namespace: 'default' }
const old: ReplicationController = {
  metadata: { name: 'web', namespace: 'default', uid: 'uid-web' },
  spec: {
    replicas: 3,
    selector: { run: 'web' },
    template: {
      metadata: { labels: { run: 'web' } },
      spec: { containers: [{ name: 'main', image: 'web:v1' }] },
    },
  },
}
const pod = { metadata: { name: 'web-1', namespace: 'default', labels: { run: 'web' } } }

/** Time passes as soon as somebody waits for it. */
function hasty() {
  let now = 0
  return {
    now: () => now,
    after(ms: number, run: () => void) {
      now += ms
      setImmediate(run)
      return { cancel: () => undefined }
    },
  }
}

/** A cluster whose pods of `ready` controllers are ready at once; `writes` counts down to a crash. */
function world(writes = Infinity, ready = (_name: string): boolean => true) {
  const fake = createFakeClient([
    [replicationControllers, old],
    [pods, pod],
  ])
  const lines: string[] = []
  const budget = { left: writes }
  const seen = <T extends KubeObject>(object: T): T => {
    const { metadata, spec } = object as unknown as ReplicationController
    const readyReplicas = ready(metadata.name ?? '') ? (spec?.replicas ?? 0) : 0
    return { ...object, status: { readyReplicas } }
  }
  const crashing =
    <A extends unknown[], R>(write: (...args: A) => Promise<R>) =>
    (...args: A): Promise<R> => {
      budget.left -= 1
      return budget.left < 0 ? Promise.reject(new Error('crash')) : write(...args)
    }
  const client: KubeClient = {
    get: async (kind, at, sub) => seen(await fake.get(kind, at, sub)),
    list: (kind, options) => fake.list(kind, options),
    create: crashing(fake.create.bind(fake)),
    update: crashing(fake.update.bind(fake)),
    patch: crashing(fake.patch.bind(fake)),
    delete: crashing(fake.delete.bind(fake)),
    watch: fake.watch.bind(fake),
    stream: fake.stream.bind(fake),
  }
  const run = (more: Partial<RollingUpdateOptions>): Promise<void> =>
    rollingUpdate(
      {
        namespace: 'default',
        oldName: 'web',
        next: { image: 'web:v2' },
        updatePeriodMs: 10,
        pollIntervalMs: 10,
        timeoutMs: 1000,
        ...more,
      },
      { client, clock: hasty(), say: (line) => lines.push(line) },
    )
  const controllers = async (): Promise<ReplicationController[]> =>
    (await fake.list(replicationControllers, key)).items
  return { fake, run, lines, controllers, budget }
}

const v2 = (name: string): ReplicationController => ({
  ...old,
  kind: 'ReplicationController',
  metadata: { name },
  spec: {
    ...old.spec,
    replicas: 5,
    selector: { run: 'web', version: 'v2' },
  },
})

describe('an update', () => {
  test('by image keeps the name, and says what it does', async () => {
    const { run, lines, controllers, fake } = world()
    await run({})
    const [web, ...others] = await controllers()
    expect(others).toEqual([])
    expect(web?.metadata).toMatchObject({ name: 'web' })
    expect(web?.metadata.annotations).toBeUndefined()
    expect(web?.spec.replicas).toBe(3)
    expect(web?.spec.template?.spec.containers[0]?.image).toBe('web:v2')
    expect(web?.spec.selector?.['deployment']).toMatch(/^[0-9a-f]{10}$/)
    const kept = await fake.get(pods, { ...key, name: 'web-1' })
    expect(kept.metadata.labels?.['deployment']).toMatch(/^[0-9a-f]{10}$/)
    const name = lines[0]?.replace('Created ', '')
    expect(lines).toEqual([
      `Created ${name}`,
      ...[1, 2, 3].flatMap((n) => [`Scaling ${name} up to ${n}`, `Scaling web down to ${3 - n}`]),
      'Update succeeded. Deleting web',
      `Renaming ${name} to web`,
    ])
  })

  test('by manifest takes its name and size', async () => {
    const selector = { run: 'web', version: 'v1' }
    const { run, controllers, fake } = world()
    await fake.patch(
      replicationControllers,
      { ...key, name: 'web' },
      { spec: { selector } },
      { type: 'merge' },
    )
    await run({ next: { manifest: v2('web-2') }, newName: 'web-2' })
    const [web, ...others] = await controllers()
    expect(others).toEqual([])
    expect(web).toMatchObject({ metadata: { name: 'web-2' }, spec: { replicas: 5 } })
    expect(web?.metadata.annotations ?? {}).toEqual({})
  })

  test('that was interrupted at any write goes on when it is begun again', async () => {
    const whole = world()
    await whole.run({})
    const total = whole.fake.calls.filter((call) => /^(create|patch|delete)/.test(call)).length
    const [expected] = await whole.controllers()
    expect(total).toBeGreaterThan(10)
    for (let writes = 0; writes < total; writes++) {
      const { run, budget, controllers, fake } = world(writes)
      await expect(run({})).rejects.toThrow('crash')
      budget.left = Infinity
      await run({})
      const found = await controllers()
      expect(found.map(({ metadata }) => metadata.name)).toEqual(['web'])
      expect(found[0]?.spec.template?.spec.containers).toEqual(
        expected?.spec.template?.spec.containers,
      )
      expect(found[0]?.spec.replicas).toBe(3)
      expect((await fake.list(configMaps, key)).items).toEqual([])
    }
  })

  test('whose pods never serve gives up, and is rolled back', async () => {
    const { run, controllers } = world(Infinity, (name) => name === 'web')
    await expect(run({})).rejects.toThrow('timed out waiting for any update progress to be made')
    const [web] = await controllers()
    expect(web?.spec.replicas).toBe(3)
    expect(web?.metadata.annotations?.[ORIGINAL_ANNOTATION]).toBe('3')
    await run({ next: 'rollback' })
    const [back, ...others] = await controllers()
    expect(others).toEqual([])
    expect(back).toMatchObject({ metadata: { name: 'web' }, spec: { replicas: 3 } })
    expect(back?.spec.template?.spec.containers[0]?.image).toBe('web:v1')
    expect(back?.metadata.annotations ?? {}).toEqual({})
  })
})

test.each<[string, Partial<RollingUpdateOptions>, RegExp]>([
  ['the same image', { next: { image: 'web:v1' } }, /must be distinct from existing/],
  ['no such controller', { oldName: 'gone' }, /"gone" not found/],
  ['no such container', { next: { image: 'x', container: 'y' } }, /no container named y/],
  ['the same name', { next: { manifest: v2('web') }, newName: 'web' }, /cannot have the same name/],
  [
    'pods that are not told apart',
    { next: { manifest: v2('web-2') } },
    /must specify a matching key/,
  ],
  ['nothing to roll back', { next: 'rollback' }, /Could not find an update to rollback/],
])('is refused: %s', async (_what, options, message) => {
  const { run } = world()
  const failure = await run(options).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(RollingUpdateError)
  expect((failure as Error).message).toMatch(message)
})

describe('arguments', () => {
  test('have the defaults of kubectl 1.1', () => {
    expect(readArguments(['a', '--image=b', '--update-period', '1m30s'])).toMatchObject({
      oldName: 'a',
      newName: undefined,
      image: 'b',
      updatePeriodMs: 90_000,
      pollIntervalMs: 3000,
      timeoutMs: 300_000,
      deploymentKey: 'deployment',
    })
    expect(readArguments(['--help'])).toBeUndefined()
  })
  test.each([
    [[]],
    [['a']],
    [['a', '--image=b', '--rollback']],
    [['a', '--image=b', '--timeout=soon']],
    [['a', '--what']],
  ])('%j are refused', (args) => {
    expect(() => readArguments(args)).toThrow(RollingUpdateError)
  })
})
