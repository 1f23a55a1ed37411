import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { NotInstalled, ToolRunner } from './tools.ts'

const programsDir = fileURLToPath(new URL('../../dist/server', import.meta.url))
let runner: ToolRunner

beforeEach(() => {
  runner = new ToolRunner({ programsDir, clusterId: `test-${process.pid}` })
})
afterEach(() => runner.close())

const node = (script: string, input?: string): Promise<string> =>
  runner.run(process.execPath, ['-e', script], input)

test('a program gets its input and answers what it wrote, several at a time', async () => {
  const echo = 'process.stdin.pipe(process.stdout)'
  const large = 'x'.repeat(300_000)
  expect(await Promise.all([node(echo, 'one'), node(echo, large), node(echo)])).toEqual([
    'one',
    large,
    '',
  ])
})

test('a program that fails is told in its own words, one that is missing by name', async () => {
  await expect(node('console.error("no such chain"); process.exit(2)')).rejects.toThrow(
    `${process.execPath} failed: no such chain`,
  )
  const missing = runner.run(path.join(programsDir, 'no-such-program'), [])
  await expect(missing).rejects.toThrow(NotInstalled)
  await expect(missing).rejects.toThrow('no-such-program is not installed')
})

test('when the process dies, who waits is told, and the next order starts it again', async () => {
  const parent = Number(await node('console.log(process.ppid)'))
  const waiting = node('setTimeout(() => {}, 60_000)')
  process.kill(parent, 'SIGKILL')
  await expect(waiting).rejects.toThrow('ended')
  expect(Number(await node('console.log(process.ppid)'))).not.toBe(parent)
})
