import { readFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { waitFor } from '../testing/node-under-test.ts'
import { readProcesses } from './processes.ts'
import type { SpawnedProcess, Spawner } from './spawner.ts'
import { createSpawner } from './spawner.ts'

let spawner: Spawner
afterEach(() => spawner.close())

async function run(line: string): Promise<SpawnedProcess> {
  return spawner.spawn({
    file: '/bin/sh',
    args: ['-c', line],
    env: { A: 'b' },
    cwd: '/',
    niceness: 3,
  })
}

async function text(child: SpawnedProcess, name: 'stdout' | 'stderr'): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of child[name]) pieces.push(piece as Buffer)
  return Buffer.concat(pieces).toString()
}

test('many short processes at once: every output whole, every end heard', async () => {
  spawner = createSpawner(path.resolve('dist/server'))
  const runs = Array.from({ length: 40 }, async (_, i) => {
    const child = await run(`echo ${i} $A; echo e${i} >&2; exit ${i}`)
    const [out, err, code] = await Promise.all([
      text(child, 'stdout'),
      text(child, 'stderr'),
      child.ended,
    ])
    return [out, err, code]
  })
  expect(await Promise.all(runs)).toEqual(
    Array.from({ length: 40 }, (_, i) => [`${i} b\n`, `e${i}\n`, i]),
  )
})

test('a signal counts as 128 and its number; a program that is not there is an error', async () => {
  spawner = createSpawner(path.resolve('dist/server'))
  expect(await (await run('kill -9 $$')).ended).toBe(137)
  const missing = { file: '/no/such', args: [], env: {}, cwd: '/', niceness: 0 }
  await expect(spawner.spawn(missing)).rejects.toThrow('ENOENT')
})

/** Where the kernel shares the processor between sessions first; not every kernel does. */
const groupOf = (pid: number | string): string | undefined => {
  try {
    return readFileSync(`/proc/${pid}/autogroup`, 'utf8')
  } catch {
    return undefined
  }
}

test('a process is as nice as was asked, and so is its session', async () => {
  spawner = createSpawner(path.resolve('dist/server'))
  const child = await run('sleep 1000')
  await waitFor(
    () => os.getPriority(child.pid) === 3,
    () => `it is at ${os.getPriority(child.pid)}`,
  )
  if (groupOf('self')) {
    await waitFor(
      () => groupOf(child.pid)?.endsWith('nice 3\n') === true,
      () => `its session: ${groupOf(child.pid)}`,
    )
  }
  expect(os.getPriority(child.pid)).toBe(3)
  process.kill(-child.pid, 'SIGKILL')
})

test('when the spawner is killed, what it started goes, and the next order finds another', async () => {
  spawner = createSpawner(path.resolve('dist/server'))
  const child = await run('sleep 1000')
  const row = (await readProcesses()).find(({ pid }) => pid === child.pid)
  process.kill(row!.parent, 'SIGKILL')
  expect(await child.ended).toBe(255)
  await waitFor(
    async () => !(await readProcesses()).some(({ pid }) => pid === child.pid),
    () => 'it lives on',
  )
  expect(await (await run('exit 4')).ended).toBe(4)
})
