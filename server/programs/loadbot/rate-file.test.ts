import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseRate, RateFile } from './rate-file.ts'

describe('a rate', () => {
  it('is a number of requests per second, and nothing else', () => {
    expect(['0', '25000\n', ' 1.5 ', '1e6'].map(parseRate)).toEqual([0, 25_000, 1.5, 1_000_000])
    expect(['', ' ', 'fast', '-1', 'NaN', 'Infinity', '10000001'].map(parseRate)).toEqual(
      Array(7).fill(null),
    )
  })
})

describe('a rate file', () => {
  let folder: string
  let file: string
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'rate-'))
    file = path.join(folder, 'rate')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('speaks only when it says something new', async () => {
    writeFileSync(file, '100')
    const rate = new RateFile(file)
    expect(rate.first()).toBe(100)
    expect(await rate.next()).toBeNull()
    writeFileSync(file, '200')
    expect(await rate.next()).toBe(200)
    expect(await rate.next()).toBeNull()
  })

  it('complains once about what is no rate, and about being gone', async () => {
    writeFileSync(file, '100')
    const rate = new RateFile(file)
    rate.first()
    writeFileSync(file, 'fast')
    await expect(rate.next()).rejects.toThrow('"fast" is no rate')
    expect(await rate.next()).toBeNull()
    rmSync(file)
    await expect(rate.next()).rejects.toThrow('ENOENT')
  })
})
