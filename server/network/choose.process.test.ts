import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../machinery/clock.ts'
import { createLog } from '../machinery/log.ts'
import { chooseMode } from './choose.ts'
import type { RunTool } from './tools.ts'
import { ToolRunner } from './tools.ts'

let tools: ToolRunner
const options = {
  clusterId: 'choose',
  run: (...order: Parameters<RunTool>) => tools.run(...order),
  serviceCidr: '127.200.5.0/24',
  clock: systemClock,
  log: createLog('error', () => {}),
}
const before = process.env['PATH']
let folder: string

/** A machine on which only these programs are installed; each says `words` and ends with `code`. */
function install(name: string, code: number, words = ''): void {
  const file = path.join(folder, name)
  writeFileSync(file, `#!/bin/sh\n[ -n "${words}" ] && echo "${words}" >&2\nexit ${code}\n`)
  chmodSync(file, 0o755)
}

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'choose-'))
  process.env['PATH'] = folder
  tools = new ToolRunner('choose')
})
afterEach(async () => {
  await tools.close()
  process.env['PATH'] = before
  rmSync(folder, { recursive: true })
})

test('without iptables a process proxies, and says so', async () => {
  const { mode, why, iptables } = await chooseMode('auto', options)
  expect(mode).toBe('userspace')
  expect(why).toBe(
    'Services are proxied by a process, because iptables cannot be used here: iptables-restore is not installed.',
  )
  expect(iptables).toBeUndefined()
})

test('where only nft is installed, it says what is missing', async () => {
  install('nft', 0)
  expect((await chooseMode('auto', options)).why).toContain(
    'iptables-restore is not installed, only nft is; install iptables',
  )
})

test('without the right to write rules it says what iptables said', async () => {
  install('iptables-save', 0)
  install('iptables-restore', 4, 'Could not fetch rule set generation id: Permission denied')
  const { mode, why } = await chooseMode('iptables', options)
  expect(mode).toBe('userspace')
  expect(why).toContain('Permission denied')
})
