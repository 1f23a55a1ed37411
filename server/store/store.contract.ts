// What every store must do, whatever it stands on.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Change, Store } from './store.ts'
import { CompactedError, ConflictError, FutureRevisionError, SlowWatcherError } from './store.ts'

/** The smallest bounds a contract needs to see them work. */
export interface ContractOptions {
  history: number
  watchBound: number
}

export type OpenStore = (options?: ContractOptions) => Promise<Store>

const put = (store: Store, key: string, n: number, expected?: number) =>
  store.write({
    key,
    value: (revision) => ({ n, revision }),
    ...(expected !== undefined && { expected }),
  })

const remove = (store: Store, key: string, expected?: number) =>
  store.write({ key, value: undefined, ...(expected !== undefined && { expected }) })

const short = ({ type, key, revision, value }: Change) =>
  `${revision} ${type} ${key} ${(value as { n: number }).n}`

/** Lets microtasks run. */
const turn = () => new Promise((resolve) => setImmediate(resolve))

export function storeContract(name: string, open: OpenStore): void {
  describe(`store: ${name}`, () => {
    let store: Store
    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store.close())

    writes(() => store)
    lists(() => store)
    watches(() => store)
    bounds(open)
  })
}

function writes(at: () => Store): void {
  describe('write', () => {
    it('gives every change the next revision and hands it to the value', async () => {
      expect(at().revision).toBe(0)
      const first = await put(at(), '/a', 1)
      const second = await put(at(), '/b', 2)
      const third = await put(at(), '/a', 3)
      expect([first.revision, second.revision, third.revision]).toEqual([1, 2, 3])
      expect(at().revision).toBe(3)
      expect(at().get('/a')).toEqual({
        key: '/a',
        value: { n: 3, revision: 3 },
        revision: 3,
        createRevision: 1,
      })
      expect(first.prev).toBeUndefined()
      expect(third.prev?.revision).toBe(1)
    })

    it('a deletion takes a revision and carries the last value', async () => {
      await put(at(), '/a', 1)
      const change = await remove(at(), '/a')
      expect(change).toMatchObject({ type: 'delete', revision: 2, createRevision: 1 })
      expect(change.value).toEqual({ n: 1, revision: 1 })
      expect(at().get('/a')).toBeUndefined()
      const again = await put(at(), '/a', 2)
      expect(again).toMatchObject({ revision: 3, createRevision: 3, prev: undefined })
    })

    it('refuses when expected does not hold, and then changes nothing', async () => {
      await put(at(), '/a', 1, 0)
      const error = await put(at(), '/a', 2, 0).catch((error: unknown) => error)
      expect(error).toBeInstanceOf(ConflictError)
      expect((error as ConflictError).actual?.revision).toBe(1)
      await put(at(), '/a', 2, 1)
      await expect(remove(at(), '/a', 1)).rejects.toBeInstanceOf(ConflictError)
      await expect(remove(at(), '/none')).rejects.toBeInstanceOf(ConflictError)
      await expect(put(at(), '/none', 1, 7)).rejects.toBeInstanceOf(ConflictError)
      expect(at().revision).toBe(2)
      await remove(at(), '/a', 2)
      expect(at().revision).toBe(3)
    })

    it('a value that throws changes nothing', async () => {
      const failing = at().write({
        key: '/a',
        value: () => {
          throw new Error('no')
        },
      })
      await expect(failing).rejects.toThrow('no')
      expect(at().revision).toBe(0)
      expect(await put(at(), '/a', 1)).toMatchObject({ revision: 1 })
    })

    it('is visible to reads before it is durable', async () => {
      const writing = put(at(), '/a', 1)
      expect(at().get('/a')?.revision).toBe(1)
      await writing
    })
  })
}

function lists(at: () => Store): void {
  const keys = (prefix: string, options?: Parameters<Store['list']>[1]) =>
    at()
      .list(prefix, options)
      .entries.map((entry) => entry.key)

  describe('list', () => {
    beforeEach(async () => {
      for (const key of ['/p/b', '/p/a', '/q/a', '/p/c', '/pp', '/p']) await put(at(), key, 1)
    })

    it('answers the keys with the prefix in order', () => {
      expect(keys('/p/')).toEqual(['/p/a', '/p/b', '/p/c'])
      expect(keys('')).toEqual(['/p', '/p/a', '/p/b', '/p/c', '/pp', '/q/a'])
      expect(keys('/none')).toEqual([])
      expect(at().list('/p/').revision).toBe(6)
    })

    it('answers pages and counts what remains', () => {
      const page = at().list('/p/', { limit: 2 })
      expect(page.entries.map((entry) => entry.key)).toEqual(['/p/a', '/p/b'])
      expect(page.remaining).toBe(1)
      expect(at().list('/p/', { after: '/p/b', limit: 2 })).toMatchObject({ remaining: 0 })
      expect(keys('/p/', { after: '/p/b' })).toEqual(['/p/c'])
      expect(keys('/p/', { after: '/z' })).toEqual([])
    })

    it('answers the past', async () => {
      await remove(at(), '/p/a')
      await put(at(), '/p/b', 2)
      await put(at(), '/p/d', 1)
      expect(keys('/p/')).toEqual(['/p/b', '/p/c', '/p/d'])
      const past = at().list('/p/', { at: 6, limit: 2 })
      expect(past.entries.map(({ key, revision }) => [key, revision])).toEqual([
        ['/p/a', 2],
        ['/p/b', 1],
      ])
      expect(past).toMatchObject({ revision: 6, remaining: 1 })
      expect(keys('/p/', { at: 1 })).toEqual(['/p/b'])
      expect(keys('/p/', { at: 0 })).toEqual([])
      expect(() => at().list('/p/', { at: 10 })).toThrow(FutureRevisionError)
    })
  })
}

function watches(at: () => Store): void {
  describe('watch', () => {
    it('replays after a revision, then goes live, each change once and in order', async () => {
      await put(at(), '/p/a', 1)
      await put(at(), '/q/a', 1)
      await put(at(), '/p/a', 2)
      const seen: string[] = []
      const watch = at().watch('/p/', 1, (change) => seen.push(short(change)))
      expect(seen).toEqual([])
      await put(at(), '/p/b', 3)
      await remove(at(), '/p/a')
      await put(at(), '/q/b', 1)
      expect(seen).toEqual(['3 put /p/a 2', '4 put /p/b 3', '5 delete /p/a 2'])
      watch.close()
      await watch.done
      await put(at(), '/p/c', 1)
      expect(seen).toHaveLength(3)
    })

    it('keeps revision order when a watcher writes, for every watcher', async () => {
      const seen: string[][] = [[], []]
      at().watch('', 0, (change) => {
        seen[0]!.push(short(change))
        if (change.key === '/a') void put(at(), '/b', 2)
      })
      at().watch('', 0, (change) => seen[1]!.push(short(change)))
      await turn()
      await put(at(), '/a', 1)
      await turn()
      expect(seen[0]).toEqual(['1 put /a 1', '2 put /b 2'])
      expect(seen[1]).toEqual(seen[0])
    })

    it('a watch begun by a watcher sees nothing twice', async () => {
      const inner: string[] = []
      at().watch('/a', 0, () => {
        void put(at(), '/b', 2)
        at().watch('', 0, (change) => inner.push(short(change)))
      })
      await turn()
      await put(at(), '/a', 1)
      await turn()
      expect(inner).toEqual(['1 put /a 1', '2 put /b 2'])
    })

    it('a watcher that throws is dropped, writers and others are not disturbed', async () => {
      const seen: string[] = []
      const bad = at().watch('', 0, () => {
        throw new Error('mine')
      })
      at().watch('', 0, (change) => seen.push(short(change)))
      await turn()
      await put(at(), '/a', 1)
      await expect(bad.done).rejects.toThrow('mine')
      await put(at(), '/a', 2)
      expect(seen).toHaveLength(2)
    })

    it('refuses the future', async () => {
      await expect(at().watch('', 1, () => {}).done).rejects.toBeInstanceOf(FutureRevisionError)
    })

    it('ends when the store closes', async () => {
      const watch = at().watch('', 0, () => {})
      await at().close()
      expect(await watch.done).toBeUndefined()
    })

    it('a paused watcher gets everything on resume', async () => {
      const seen: string[] = []
      const watch = at().watch('', 0, (change) => {
        seen.push(short(change))
        watch.pause()
      })
      await turn()
      for (let n = 1; n <= 3; n++) await put(at(), '/a', n)
      expect(seen).toEqual(['1 put /a 1'])
      watch.resume()
      watch.resume()
      expect(seen).toEqual(['1 put /a 1', '2 put /a 2', '3 put /a 3'])
    })
  })
}

function bounds(open: OpenStore): void {
  describe('bounds', () => {
    let store: Store
    beforeEach(async () => {
      store = await open({ history: 10, watchBound: 3 })
    })
    afterEach(() => store.close())

    it('drops a paused watcher past its bound, and it can start again where it was', async () => {
      const seen: number[] = []
      const watch = store.watch('/a', 0, (change) => seen.push(change.revision))
      await turn()
      watch.pause()
      for (let n = 0; n < 5; n++) await put(store, '/b', n)
      for (let n = 0; n < 3; n++) await put(store, '/a', n)
      await put(store, '/a', 9)
      await expect(watch.done).rejects.toBeInstanceOf(SlowWatcherError)
      expect(seen).toEqual([])
      store.watch('/a', 5, (change) => seen.push(change.revision))
      await turn()
      expect(seen).toEqual([6, 7, 8, 9])
    })

    it('forgets history beyond its limit, never current values', async () => {
      for (let n = 1; n <= 25; n++) await put(store, `/k${n}`, n)
      expect(store.compacted).toBe(15)
      expect(store.list('').entries).toHaveLength(25)
      expect(store.list('', { at: 15 }).entries).toHaveLength(15)
      expect(() => store.list('', { at: 14 })).toThrow(CompactedError)
      await expect(store.watch('', 14, () => {}).done).rejects.toBeInstanceOf(CompactedError)
      const seen: number[] = []
      store.watch('', 15, (change) => seen.push(change.revision))
      await turn()
      expect(seen).toEqual([16, 17, 18, 19, 20, 21, 22, 23, 24, 25])
    })

    it('compacts up to the newest revision at most', async () => {
      for (let n = 1; n <= 4; n++) await put(store, '/a', n)
      store.compact(3)
      expect(store.compacted).toBe(3)
      store.compact(2)
      expect(store.compacted).toBe(3)
      store.compact(100)
      expect(store.compacted).toBe(4)
      expect(store.get('/a')?.revision).toBe(4)
      expect((await put(store, '/a', 5)).revision).toBe(5)
    })
  })
}
