import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { processesOf } from './testing/processes.ts'
import { NotInstalled, ToolRunner } from './tools.ts'

const clusterId = `test-${process.pid}-tools`
let runner: ToolRunner
let folder: string

beforeEach(() => {
  runner = new ToolRunner(clusterId)
  folder = mkdtempSync(path.join(os.tmpdir(), 'tools-'))
})
afterEach(async () => {
  await runner.close()
  rmSync(folder, { recursive: true })
})

/** A program that does what the script says. */
function program(script: string): string {
  const file = path.join(folder, `program-${script.length}`)
  writeFileSync(file, `#!/bin/sh\n${script}\n`)
  chmodSync(file, 0o755)
  return file
}

test('a program gets its input and answers what it wrote, whatever is in it', async () => {
  const echo = program('cat')
  const large = `${'é $(date) `id` * \\ "x"\n'.repeat(20_000)}end`
  expect(
    await Promise.all([
      runner.run(echo, [], 'one'),
      runner.run(echo, [], large),
      runner.run(echo, []),
    ]),
  ).toEqual(['one', large, ''])
})

test('words stay words: nothing in them is carried out', async () => {
  const words = ['$HOME', '*', '$(id)', ';', '&&', '"a']
  expect(await runner.run(program('printf "%s|" "$@"'), words)).toBe(`${words.join('|')}|`)
  await expect(runner.run('printf', ['a b'])).rejects.toThrow('not a word')
})

test('a program that ends without reading its input disturbs no other', async () => {
  const input = 'x'.repeat(300_000)
  const deaf = runner.run(program('exit 0'), [], input)
  expect(await runner.run(program('cat'), [], 'two')).toBe('two')
  await deaf
})

test('a program that fails is told in its own words, one that is missing by name', async () => {
  const failing = program('echo no such chain >&2; exit 2')
  await expect(runner.run(failing, [])).rejects.toThrow(`${failing} failed: no such chain`)
  const missing = runner.run('no-such-program', [])
  await expect(missing).rejects.toThrow(NotInstalled)
  await expect(missing).rejects.toThrow('no-such-program is not installed')
})

test('when the shell dies, who waits is told, and the next order starts another', async () => {
  await runner.run(program('true'), [])
  const [shell] = processesOf(clusterId)
  const waiting = runner.run(program('sleep 2'), [])
  process.kill(shell!, 'SIGKILL')
  await expect(waiting).rejects.toThrow('the shell that starts it ended')
  expect(await runner.run(program('echo again'), [])).toBe('again')
})
