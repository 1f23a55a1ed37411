// The demo begins gently, finds out what the machine sustains, and one press takes it there; the data plane steps back for
// the control plane meanwhile.
import { readFileSync } from 'node:fs'
import os from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ActionResult, StageInfo } from '../shared/stage.ts'
import {
  commandOf,
  eventually,
  nginxMasters,
  processesOf,
  removeDirectory,
  startProduct,
} from './podium.ts'
import type { Product } from './podium.ts'

const PODS = '/api/v1/namespaces/default/pods'
let podium: Product

beforeAll(async () => {
  podium = await startProduct()
})

afterAll(async () => {
  await podium?.stop()
  removeDirectory(podium.dataDir)
})

async function act(action: object): Promise<{ status: number; result: ActionResult }> {
  const answer = await podium.fetch('/api/actions', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(action),
  })
  return { status: answer.status, result: (await answer.json()) as ActionResult }
}

/** What the loadbots themselves say they are set to send per second. */
async function rates(): Promise<number[]> {
  const path = 'jsonpath={.items[*].metadata.name}'
  const names = await podium.kubectlOk('get', 'pods', '-l', 'run=loadbot', '-o', path)
  return Promise.all(
    names.split(' ').map(async (name) => {
      const raw = await podium.kubectlOk('get', '--raw', `${PODS}/${name}:8080/proxy/report`)
      return (JSON.parse(raw) as { rate: number }).rate
    }),
  )
}

test('what the machine sustains is found out after the start, and the label says the truth', async () => {
  const annotation = 'jsonpath={.metadata.annotations.podium\\.dev/full-load}'
  const measured = await eventually('the machine is measured', async () => {
    return (await podium.kubectlOk('get', 'configmap', 'loadbot', '-o', annotation)) || false
  })
  expect(Number(measured)).toBeGreaterThanOrEqual(50_000)
  const info = (await (await podium.fetch('/api/info')).json()) as StageInfo
  const cores = os.availableParallelism()
  const { items } = JSON.parse(
    await podium.kubectlOk('get', 'pods', '-l', 'run=loadbot', '-o', 'json'),
  ) as { items: { spec: { containers: { args: string[] }[] } }[] }
  const args = items[0]?.spec.containers[0]?.args ?? []
  const depth = args[args.indexOf('--depth') + 1]
  expect(info.machine).toBe(`${cores} ${cores === 1 ? 'core' : 'cores'}, pipelining depth ${depth}`)
})

test('one press sets the load of all loadbots while they run, and kubectl does the same', async () => {
  const fleet = (await rates()).length
  const { status, result } = await act({ type: 'load', perSecond: 60_000 })
  expect({ status, result }).toEqual({
    status: 200,
    result: {
      command: `kubectl patch configmap loadbot -p '{"data":{"rate":"${60_000 / fleet}"}}'`,
      message: 'configmap/loadbot patched',
    },
  })
  await eventually('every loadbot sends its share', async () => {
    return (await rates()).every((rate) => rate === 60_000 / fleet)
  })
  await podium.kubectlOk('patch', 'configmap', 'loadbot', '-p', '{"data":{"rate":"5000"}}')
  await eventually('every loadbot sends less', async () => {
    return (await rates()).every((rate) => rate === 5000)
  })
  expect((await act({ type: 'load', perSecond: 1e12 })).status).toBe(409)
  await podium.noneFailed()
})

test('what carries data is nicer than what controls', () => {
  const servers = nginxMasters(podium.dataDir).flatMap((pid) => [pid, ...childrenOf(pid)])
  const data = [...processesOf(podium.dataDir), ...servers].flatMap((pid) => {
    const program = /(web|loadbot)\.js|nginx: (master|worker)/.exec(commandOf(pid))?.[0]
    return program ? [{ program, nice: os.getPriority(pid) }] : []
  })
  // Two loadbots and four servers at least, whichever program serves.
  expect(data.length).toBeGreaterThanOrEqual(6)
  expect(data.filter(({ nice }) => nice < 5)).toEqual([])
  const control = os.getPriority(podium.process.pid ?? 0)
  expect(control).toBeLessThanOrEqual(os.getPriority())
})

/** All that this machine was measured to sustain; what comes through meanwhile depends on what else runs on it. */
async function goFullLoad(): Promise<void> {
  const annotation = 'jsonpath={.metadata.annotations.podium\\.dev/full-load}'
  const perSecond = Number(await podium.kubectlOk('get', 'cm', 'loadbot', '-o', annotation))
  expect((await act({ type: 'load', perSecond })).status).toBe(200)
  await eventually('every loadbot is set to full load', async () => {
    const each = await rates()
    return each.every((rate) => rate === perSecond / each.length)
  })
}

test.each([
  // Where there is little left for it to start and to crash, the deadline may come first.
  ['nginx:v3', 20, /crash-looping|not becoming ready/],
  ['podium/web:unready', 3, /not becoming ready/],
])('%s at full load: it pauses by itself, goes back, and nothing fails', async (image, s, why) => {
  await goFullLoad()
  const deadline = `podium.dev/ready-deadline-seconds=${s}`
  await podium.kubectlOk('annotate', '--overwrite', 'deployment', 'nginx', deadline)
  await podium.kubectlOk('set', 'image', 'deployment/nginx', `nginx=${image}`)
  const because = 'jsonpath={.metadata.annotations.podium\\.dev/paused-because}'
  const reason = await eventually(
    'the update paused itself',
    async () => {
      return (await podium.kubectlOk('get', 'deployment', 'nginx', '-o', because)) || false
    },
    60_000,
  )
  expect(reason).toMatch(why)
  await podium.noneFailed()

  const { served } = await podium.summary()
  expect((await act({ type: 'rollBack' })).status).toBe(200)
  await podium.kubectlOk('rollout', 'status', 'deployment/nginx', '--timeout=60s')
  await eventually('served on', async () => (await podium.summary()).served > served)
  await podium.noneFailed()
})

function childrenOf(pid: number): number[] {
  const pids = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  return pids === '' ? [] : pids.split(' ').map(Number)
}
