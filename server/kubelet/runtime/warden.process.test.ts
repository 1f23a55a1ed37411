import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import path from 'node:path'
import { expect, test } from 'vitest'
import { waitFor } from '../testing/node-under-test.ts'
import { sweepLeftovers } from './leftovers.ts'
import { processesWith } from './processes.ts'
import { startWarden } from './warden.ts'

const programsDir = path.resolve('dist/server')
const marked = (id: string) => processesWith(new Set([`PODIUM_CLUSTER=${id}`]))
const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Starts a process that stays, and a grandchild in a session of its own that outlives it. */
function startFamily(clusterId: string): void {
  const code = `require('child_process').spawn('sleep',['1000'],{detached:true,stdio:'ignore'}).unref();setInterval(()=>{},1000)`
  const child = spawn(process.execPath, ['-e', code], {
    detached: true,
    stdio: 'ignore',
    env: { ...process.env, PODIUM_CLUSTER: clusterId },
  })
  child.unref()
}

test('when the main process is killed with SIGKILL, its warden leaves nothing of the cluster', async () => {
  const clusterId = randomUUID()
  const main = spawn(
    process.execPath,
    [
      '-e',
      `const {spawn}=require('child_process');spawn(process.execPath,[${JSON.stringify(path.join(programsDir, 'warden.js'))},${JSON.stringify(clusterId)}],{detached:true,stdio:['pipe','ignore','ignore'],env:{}}).once('spawn',()=>console.log('guarded'));setInterval(()=>{},1000)`,
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  )
  await once(main.stdout, 'data')
  startFamily(clusterId)
  startFamily(clusterId)
  await waitFor(
    async () => (await marked(clusterId)).length === 4,
    () => 'the family did not start',
  )
  main.kill('SIGKILL')
  await waitFor(
    async () => (await marked(clusterId)).length === 0,
    () => 'somebody lives on',
  )
  expect(await marked(clusterId)).toEqual([])
})

test('a warden that dies is replaced, and closing lets it sweep and end', async () => {
  const clusterId = randomUUID()
  const warden = startWarden({ clusterId, programsDir })
  await waitFor(
    () => warden.pid !== undefined,
    () => 'no warden',
  )
  const first = warden.pid!
  process.kill(first, 'SIGKILL')
  await waitFor(
    () => warden.pid !== undefined && warden.pid !== first,
    () => 'not replaced',
  )
  const second = warden.pid!
  startFamily(clusterId)
  await waitFor(
    async () => (await marked(clusterId)).length === 2,
    () => 'the family did not start',
  )
  await warden.close()
  expect(await marked(clusterId)).toEqual([])
  await waitFor(
    () => !alive(second),
    () => 'the warden stays',
  )
})

test('a signal to the terminal does not take the warden away', async () => {
  const warden = startWarden({ clusterId: randomUUID(), programsDir })
  await warden.onGuard
  const pid = warden.pid!
  process.kill(pid, 'SIGINT')
  process.kill(pid, 'SIGTERM')
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(warden.pid).toBe(pid)
  expect(alive(pid)).toBe(true)
  await warden.close()
})

test('leftovers of an earlier run are swept, others are not', async () => {
  const [mine, other] = [randomUUID(), randomUUID()]
  startFamily(mine)
  startFamily(other)
  await waitFor(
    async () => (await marked(mine)).length === 2 && (await marked(other)).length === 2,
    () => 'the families did not start',
  )
  expect(await sweepLeftovers(mine)).toBeGreaterThanOrEqual(2)
  expect(await marked(mine)).toEqual([])
  expect((await marked(other)).length).toBe(2)
  await sweepLeftovers(other)
})
