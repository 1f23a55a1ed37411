// Random operations against a store and against a plain map; every watch must tell the same story.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openDurableStore } from './durable-store.ts'
import { openMemoryStore } from './memory-store.ts'
import type { Store } from './store.ts'
import { CompactedError, ConflictError } from './store.ts'

type Operation =
  | { type: 'write'; deletes: boolean; key: string; expected: 'right' | 'wrong' | 'any' }
  | { type: 'watch'; prefix: string; back: number }
  | { type: 'list'; prefix: string; back: number; limit: number; after: string }
  | { type: 'compact'; back: number }
  | { type: 'reopen' }

const key = fc.constantFrom('/a', '/a/b', '/a/c', '/b', '/b/a', '/ab')
const prefix = fc.constantFrom('', '/', '/a', '/a/', '/b', '/none')
const back = fc.nat(12)
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('write' as const),
      deletes: fc.constantFrom(true, false, false),
      key,
      expected: fc.constantFrom('right' as const, 'wrong' as const, 'any' as const),
    }),
  },
  fc.record({ type: fc.constant('watch' as const), prefix, back }),
  fc.record({
    type: fc.constant('list' as const),
    prefix,
    back,
    limit: fc.integer({ min: 1, max: 5 }),
    after: fc.oneof(fc.constant(''), key),
  }),
  fc.record({ type: fc.constant('compact' as const), back }),
  fc.record({ type: fc.constant('reopen' as const) }),
)

interface ModelChange {
  text: string
  key: string
  revision: number
}
type ModelState = Map<string, { revision: number; createRevision: number }>

/** What the store should be. */
class Model {
  /** The state at every revision. */
  readonly states: ModelState[] = [new Map()]
  readonly changes: ModelChange[] = []

  get revision(): number {
    return this.changes.length
  }
  get state(): ModelState {
    return this.states[this.revision]!
  }
  change(type: 'put' | 'delete', key: string): void {
    const revision = this.revision + 1
    const next = new Map(this.state)
    const held = next.get(key)
    if (type === 'delete') next.delete(key)
    else next.set(key, { revision, createRevision: held?.createRevision ?? revision })
    this.states.push(next)
    this.changes.push({ text: `${type} ${key} ${revision}`, key, revision })
  }
  since(revision: number, prefix: string): string[] {
    const later = this.changes.slice(revision).filter((change) => change.key.startsWith(prefix))
    return later.map((change) => change.text)
  }
}

async function write(
  store: Store,
  model: Model,
  operation: Extract<Operation, { type: 'write' }>,
): Promise<void> {
  const { deletes, key, expected } = operation
  const standing = model.state.get(key)?.revision ?? 0
  const expectation =
    expected === 'any' ? {} : { expected: expected === 'right' ? standing : standing + 1 }
  const value = deletes ? undefined : (revision: number) => ({ revision })
  const writing = store.write({ key, value, ...expectation })
  if (expected === 'wrong' || (deletes && standing === 0)) {
    await expect(writing).rejects.toBeInstanceOf(ConflictError)
    return
  }
  model.change(deletes ? 'delete' : 'put', key)
  expect((await writing).revision).toBe(model.revision)
}

function list(store: Store, model: Model, operation: Extract<Operation, { type: 'list' }>): void {
  const { prefix, back, limit, after } = operation
  const at = Math.max(0, model.revision - back)
  if (at < store.compacted) {
    expect(() => store.list(prefix, { at })).toThrow(CompactedError)
    return
  }
  const state = model.states[at]!
  const keys = [...state.keys()].filter((key) => key.startsWith(prefix) && key > after).sort()
  const page = store.list(prefix, { at, limit, after })
  expect(page.entries.map((entry) => entry.key)).toEqual(keys.slice(0, limit))
  expect(page).toMatchObject({ revision: at, remaining: Math.max(0, keys.length - limit) })
  for (const { key, revision, createRevision } of page.entries) {
    expect({ revision, createRevision }).toEqual(state.get(key))
  }
}

/** Begins a watch; answers what it sees, or nothing when that past is forgotten. */
async function watch(
  store: Store,
  model: Model,
  { prefix, back }: { prefix: string; back: number },
): Promise<Watched[]> {
  const from = Math.max(0, model.revision - back)
  const seen: string[] = []
  const watching = store.watch(prefix, from, ({ type, key, revision }) =>
    seen.push(`${type} ${key} ${revision}`),
  )
  if (from >= store.compacted) return [{ prefix, from, seen }]
  await expect(watching.done).rejects.toBeInstanceOf(CompactedError)
  return []
}

interface Watched {
  prefix: string
  from: number
  seen: string[]
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

async function run(open: () => Promise<Store>, operations: Operation[]): Promise<void> {
  const model = new Model()
  let store = await open()
  let watches: Watched[] = []
  const checkWatches = async (): Promise<void> => {
    await turn()
    for (const { prefix, from, seen } of watches) expect(seen).toEqual(model.since(from, prefix))
  }
  for (const operation of operations) {
    if (operation.type === 'write') await write(store, model, operation)
    else if (operation.type === 'list') list(store, model, operation)
    else if (operation.type === 'compact') store.compact(model.revision - operation.back)
    else if (operation.type === 'reopen') {
      await checkWatches()
      watches = []
      await store.close()
      const reopened = await open()
      // A store in memory begins anew, so only one on disk goes on.
      if (reopened.revision !== model.revision) {
        await reopened.close()
        return
      }
      store = reopened
    } else {
      watches.push(...(await watch(store, model, operation)))
    }
  }
  await checkWatches()
  expect(store.revision).toBe(model.revision)
  await store.close()
}

const operations = fc.array(operation, { maxLength: 60 })

describe('a store is a map with history', () => {
  it('in memory', async () => {
    const property = fc.asyncProperty(operations, (steps) =>
      run(
        () => Promise.resolve(openMemoryStore()),
        steps.filter((step) => step.type !== 'reopen'),
      ),
    )
    await expect(fc.assert(property, { numRuns: 300 })).resolves.toBeUndefined()
  })

  it('on disk', async () => {
    const property = fc.asyncProperty(operations, async (steps) => {
      const directory = await mkdtemp(path.join(tmpdir(), 'podium-model-'))
      try {
        await run(() => openDurableStore(directory, { snapshotAfterBytes: 300 }), steps)
      } finally {
        await rm(directory, { recursive: true })
      }
    })
    await expect(fc.assert(property, { numRuns: 40 })).resolves.toBeUndefined()
  })
})
