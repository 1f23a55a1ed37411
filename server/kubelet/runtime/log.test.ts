import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { textOf, waitFor } from '../testing/node-under-test.ts'
import { LogBook } from './log-book.ts'
import { LineCutter, MAX_PIECE_BYTES, parseRecord } from './log-line.ts'
import { readLog, tailOfLog } from './log-reader.ts'

let folder: string
let file: string
let now = Date.UTC(2026, 0, 1)
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'podium-log-'))
  file = path.join(folder, '0.log')
  now = Date.UTC(2026, 0, 1)
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const book = (maxBytes?: number) => new LogBook(() => now, maxBytes)
const read = (selection: Parameters<typeof readLog>[1], live?: Parameters<typeof readLog>[2]) =>
  textOf(readLog(file, selection, live, now))

async function written(text: string, log = book().begin(file)): Promise<void> {
  void log.write('stdout', Buffer.from(text))
  await log.end()
}

test('lines are stored in the CRI format, whole or in pieces', async () => {
  const log = book().begin(file)
  void log.write('stdout', Buffer.from('one\ntw'))
  void log.write('stderr', Buffer.from('err\n'))
  void log.write('stdout', Buffer.from('o\nlast'))
  await log.end()
  expect(await readFile(file, 'utf8')).toBe(
    [
      '2026-01-01T00:00:00.000Z stdout F one',
      '2026-01-01T00:00:00.000Z stderr F err',
      '2026-01-01T00:00:00.000Z stdout F two',
      '2026-01-01T00:00:00.000Z stdout P last',
      '',
    ].join('\n'),
  )
  expect(await read({})).toBe('one\nerr\ntwo\nlast')
})

test('a line longer than a piece comes out as it went in', () => {
  const long = 'x'.repeat(MAX_PIECE_BYTES * 2 + 5)
  const records = new LineCutter('stdout').push(Buffer.from(`${long}\n`), 'stamp')
  expect(records).toHaveLength(3)
  const text = records
    .map((record) => parseRecord(record.subarray(0, -1))?.text.toString())
    .join('')
  expect(text).toBe(long)
})

test('tail, limit, since and timestamps', async () => {
  const log = book().begin(file)
  for (let i = 0; i < 5; i++) {
    void log.write('stdout', Buffer.from(`line ${i}\n`))
    now += 1000
  }
  await log.end()
  expect(await read({ tailLines: 2 })).toBe('line 3\nline 4\n')
  expect(await read({ tailLines: 0 })).toBe('')
  expect(await read({ tailLines: 99 })).toBe('line 0\nline 1\nline 2\nline 3\nline 4\n')
  expect(await read({ limitBytes: 9 })).toBe('line 0\nli')
  expect(await read({ sinceSeconds: 2 })).toBe('line 3\nline 4\n')
  expect(await read({ sinceTime: '2026-01-01T00:00:04Z' })).toBe('line 4\n')
  expect(await read({ tailLines: 1, timestamps: true })).toBe('2026-01-01T00:00:04.000Z line 4\n')
})

test('a tail reads back over many blocks and over the rotated half', async () => {
  const log = book(100_000).begin(file)
  for (let i = 0; i < 4000; i++) void log.write('stdout', Buffer.from(`${i} ${'x'.repeat(20)}\n`))
  await log.end()
  const all = await read({})
  expect(all.split('\n').at(-2)).toMatch(/^3999 /)
  await writeFile(`${file}.1`, '2026-01-01T00:00:00.000Z stdout F older\n')
  const lines = (await readFile(file, 'utf8')).split('\n').length - 1
  const tail = await read({ tailLines: lines })
  expect(tail.startsWith('older')).toBe(false)
  expect((await read({ tailLines: lines + 1 })).startsWith('older\n')).toBe(true)
  expect(await tailOfLog(file, 1, 10)).toBe(`${'x'.repeat(9)}\n`)
})

test('following reads on through a rotation and ends with the container', async () => {
  const log = book(400).begin(file)
  void log.write('stdout', Buffer.from('start\n'))
  let text = ''
  const following = (async () => {
    for await (const bytes of readLog(file, { follow: true }, log, now)) text += String(bytes)
  })()
  const expected = ['start']
  for (let i = 0; i < 30; i++) {
    expected.push(`line ${i}`)
    void log.write('stdout', Buffer.from(`line ${i}\n`))
    await waitFor(
      () => text.endsWith(`line ${i}\n`),
      () => text,
    )
  }
  void log.write('stdout', Buffer.from('end\n'))
  await log.end()
  await following
  expect(text.trimEnd().split('\n')).toEqual([...expected, 'end'])
})

test('following stops when the reader goes away', async () => {
  const log = book().begin(file)
  const controller = new AbortController()
  void log.write('stdout', Buffer.from('start\n'))
  const following = textOf(readLog(file, { follow: true, signal: controller.signal }, log, now))
  setTimeout(() => controller.abort(), 100)
  expect(await following).toBe('start\n')
  await log.end()
})

test('a torn line is skipped', async () => {
  await written('whole\n')
  await writeFile(file, `torn\n${await readFile(file, 'utf8')}`)
  expect(await read({})).toBe('whole\n')
})
