import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import os from 'node:os'
import { afterEach, expect, test } from 'vitest'
import { takePrecedence } from './precedence.ts'

const children: ChildProcess[] = []

/** A process in a session of its own. */
function sleeper(): number {
  const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' })
  children.push(child)
  return child.pid!
}

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** Root may, mostly; in some containers not even root. */
function mayGoFirst(): boolean {
  const usual = os.getPriority()
  try {
    os.setPriority(usual - 1)
    os.setPriority(usual)
    return true
  } catch {
    return false
  }
}

const may = mayGoFirst()
const group = (pid: number): string => readFileSync(`/proc/${pid}/autogroup`, 'utf8')
const hasGroups = existsSync('/proc/self/autogroup')

test.runIf(may)('a process goes before others until it is given back', () => {
  const pid = sleeper()
  const giveBack = takePrecedence(pid)
  expect(os.getPriority(pid)).toBe(-10)
  giveBack()
  expect(os.getPriority(pid)).toBe(0)
})

test.runIf(may && hasGroups)('so does its session', () => {
  const pid = sleeper()
  const giveBack = takePrecedence(pid)
  expect(group(pid)).toMatch(/ nice -10$/m)
  giveBack()
  expect(group(pid)).toMatch(/ nice 0$/m)
})

test.runIf(may)('what was not given back is given back by the next', () => {
  const pid = sleeper()
  takePrecedence(pid)
  takePrecedence(pid)()
  expect(os.getPriority(pid)).toBe(0)
})

test.runIf(may)('what somebody else has chosen stays', () => {
  const pid = sleeper()
  os.setPriority(pid, 3)
  takePrecedence(pid)()
  expect(os.getPriority(pid)).toBe(3)
})

test('a process that is not there is no failure', () => {
  expect(() => takePrecedence(2 ** 22 + 1)()).not.toThrow()
})
