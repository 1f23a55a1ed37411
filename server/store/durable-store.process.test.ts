import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFile,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'esbuild'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { DirectoryInUseError } from './directory-lock.ts'
import type { DurableStoreOptions } from './durable-store.ts'
import { openDurableStore } from './durable-store.ts'
import { UnreadableDirectoryError } from './files.ts'
import { storeContract } from './store.contract.ts'
import type { Store } from './store.ts'

const made: string[] = []
const newDirectory = async (): Promise<string> => {
  const directory = await mkdtemp(path.join(tmpdir(), 'podium-store-'))
  made.push(directory)
  return directory
}
afterAll(async () => {
  for (const directory of made) await rm(directory, { recursive: true, force: true })
})

storeContract('on disk', async (options) => openDurableStore(await newDirectory(), options))

const put = (store: Store, key: string, n: number) => store.write({ key, value: () => ({ n }) })
const remove = (store: Store, key: string) => store.write({ key, value: undefined })

describe('durable store', () => {
  let directory: string
  let store: Store | undefined

  const open = async (options?: DurableStoreOptions): Promise<Store> => {
    await store?.close()
    store = await openDurableStore(directory, options)
    return store
  }
  const files = async (kind: string) =>
    (await readdir(directory)).filter((name) => name.startsWith(kind))
  const newestLog = async () => path.join(directory, (await files('wal')).sort().at(-1)!)

  beforeEach(async () => {
    directory = await newDirectory()
    store = undefined
  })
  afterEach(() => store?.close())

  it('is as it was when opened again: values, revisions, and the history to watch', async () => {
    let opened = await open()
    for (const key of ['/a', '/b', '/c']) await put(opened, key, 1)
    await put(opened, '/a', 2)
    await remove(opened, '/b')
    const before = opened.list('')
    opened = await open()
    expect(opened.revision).toBe(5)
    expect(opened.list('')).toEqual(before)
    expect(opened.list('', { at: 3 }).entries).toHaveLength(3)
    const seen: number[] = []
    opened.watch('', 3, (change) => seen.push(change.revision))
    expect((await put(opened, '/d', 1)).revision).toBe(6)
    expect(seen).toEqual([4, 5, 6])
  })

  it('close waits for writes under way', async () => {
    let opened = await open()
    const writing = [1, 2, 3].map((n) => put(opened, `/k${n}`, n))
    opened = await open()
    await Promise.all(writing)
    expect(opened.revision).toBe(3)
  })

  it('snapshots when the log has grown, and starts from there', async () => {
    const options = { snapshotAfterBytes: 4096 }
    let opened = await open(options)
    for (let n = 0; n < 2000; n++) void put(opened, `/k${n % 50}`, n)
    await put(opened, '/last', 1)
    await remove(opened, '/k0')
    const before = opened.list('')
    opened = await open(options)
    expect(opened.list('')).toEqual(before)
    expect(opened.revision).toBe(2002)
    expect(await files('snapshot')).toHaveLength(1)
    expect((await files('wal')).length).toBeLessThanOrEqual(2)
    const sizes = await Promise.all(
      (await readdir(directory)).map(async (name) => (await stat(path.join(directory, name))).size),
    )
    expect(Math.max(...sizes)).toBeLessThan(100_000)
    expect(opened.compacted).toBeGreaterThan(0)
    expect((await put(opened, '/after', 1)).revision).toBe(2003)
  })

  it('keeps its snapshot however much came after it, however little history is kept', async () => {
    const large = { history: 3, snapshotAfterBytes: 4096 }
    const opened = await open(large)
    for (let n = 0; n < 200; n++) void put(opened, `/early${n}`, n)
    await put(opened, '/early', 1)
    for (let round = 0; round < 3; round++) {
      const again = await open({ history: 3 })
      for (let n = 0; n < 10; n++) await put(again, `/late${round}-${n}`, n)
    }
    expect(await files('snapshot')).toHaveLength(1)
    expect((await open()).list('').entries).toHaveLength(231)
  })

  it('drops the torn end of the log and goes on from there', async () => {
    let opened = await open()
    await put(opened, '/a', 1)
    await put(opened, '/b', 2)
    await opened.close()
    const log = await newestLog()
    const whole = (await stat(log)).size
    for (const cut of [1, 5, 20]) {
      await truncate(log, whole - cut)
      opened = await open()
      expect(opened.revision).toBe(1)
      expect(await put(opened, '/b', 2)).toMatchObject({ revision: 2 })
      await opened.close()
    }
    await appendFile(log, Buffer.from([9, 0, 0, 0, 1, 2, 3]))
    opened = await open()
    expect(opened.revision).toBe(2)
    await put(opened, '/c', 3)
    opened = await open()
    expect(opened.revision).toBe(3)
  })

  it('finds a log that was only being begun', async () => {
    let opened = await open()
    await put(opened, '/a', 1)
    await opened.close()
    await writeFile(path.join(directory, 'wal-0000000000000001'), Buffer.from([40, 0]))
    opened = await open()
    expect(opened.revision).toBe(1)
    await put(opened, '/b', 1)
    opened = await open()
    expect(opened.revision).toBe(2)
  })

  it('refuses what is damaged or not its own, with a sentence', async () => {
    await writeFile(path.join(directory, 'wal-0000000000000000'), 'garbage '.repeat(100))
    await expect(open()).rejects.toThrow(UnreadableDirectoryError)
    await rm(path.join(directory, 'wal-0000000000000000'))
    await writeFile(path.join(directory, 'snapshot-0000000000000007'), 'garbage')
    await expect(open()).rejects.toThrow(/snapshot-0000000000000007 is damaged/)
    const file = path.join(directory, 'file')
    await writeFile(file, '')
    await expect(openDurableStore(file)).rejects.toThrow(UnreadableDirectoryError)
    // A failed opening leaves the directory free.
    await rm(path.join(directory, 'snapshot-0000000000000007'))
    await open()
  })

  it('belongs to one process at a time', async () => {
    await open()
    await expect(openDurableStore(directory)).rejects.toThrow(DirectoryInUseError)
    await store!.close()
    expect(await files('lock')).toEqual([])
    await open()
  })

  it('takes over the lock of a process that is gone, also when its pid lives on as another', async () => {
    const child = spawn(process.execPath, ['-e', ''])
    await once(child, 'exit')
    const lock = path.join(directory, 'lock')
    await writeFile(lock, JSON.stringify({ pid: child.pid, started: 'x', id: 'y' }))
    await open()
    await store!.close()
    await writeFile(lock, JSON.stringify({ pid: process.pid, started: 'long ago', id: 'y' }))
    await open()
    await store!.close()
    await writeFile(lock, '')
    await open()
    expect(JSON.parse(await readFile(lock, 'utf8'))).toMatchObject({ pid: process.pid })
  })

  it('of many that find a stale lock exactly one gets the directory', async () => {
    await writeFile(path.join(directory, 'lock'), JSON.stringify({ pid: 1, started: 'long ago' }))
    const all = await Promise.allSettled(
      Array.from({ length: 8 }, () => openDurableStore(directory)),
    )
    const got = all.filter((result) => result.status === 'fulfilled')
    expect(got).toHaveLength(1)
    await got[0]!.value.close()
  })
})

describe('a writer killed with SIGKILL', () => {
  let program: string
  beforeAll(async () => {
    program = path.join(await newDirectory(), 'crash-writer.mjs')
    const entryPoints = [path.join(import.meta.dirname, 'testing/crash-writer.ts')]
    await build({ entryPoints, outfile: program, bundle: true, platform: 'node', format: 'esm' })
  })

  it('leaves every acknowledged write behind, over and over', async () => {
    const directory = await newDirectory()
    const acknowledged = new Map<string, number>()
    let revision = 0
    for (let round = 0; round < 12; round++) {
      const child = spawn(process.execPath, [program, directory, String(round)])
      const lines = createInterface({ input: child.stdout })
      const gone = once(child, 'exit')
      // Kill after a different number of acknowledgements each time, so also in the midst of snapshots.
      const enough = 150 + round * 137
      let count = 0
      for await (const line of lines) {
        const [key, n, at] = line.split(' ')
        if (at === undefined) continue
        acknowledged.set(key!, Math.max(Number(n), acknowledged.get(key!) ?? 0))
        revision = Math.max(revision, Number(at))
        if (++count === enough) child.kill('SIGKILL')
      }
      await gone
      expect(count).toBeGreaterThanOrEqual(enough)
      const store = await openDurableStore(directory)
      expect(store.revision).toBeGreaterThanOrEqual(revision)
      for (const [key, n] of acknowledged) {
        const value = store.get(key)?.value as { n: number } | undefined
        // A later write of the same key may have got there without having been acknowledged.
        expect(value?.n ?? -1).toBeGreaterThanOrEqual(n)
      }
      await store.close()
    }
    expect(acknowledged.size).toBeGreaterThan(50)
  })
})
