// A stage on a free port over a cluster in a map, with frames that a test pushes.
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import jsonPatch from 'fast-json-patch'
import type { KubeClient, StreamResponse } from '../../../shared/client.ts'
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { LoadFrame } from '../../../shared/load.ts'
import { unavailable } from '../../../shared/status.ts'
import { systemClock } from '../../machinery/clock.ts'
import { createInformers } from '../../machinery/informer.ts'
import { createLog } from '../../machinery/log.ts'
import type { Running } from '../../machinery/room.ts'
import { createFakeClient } from '../../machinery/testing/fake-client.ts'
import { startStage } from '../stage.ts'
import type { Stage, StageOptions } from '../stage.ts'
import { CAST } from './objects.ts'

export const TOKEN = 'test-token'
export const INFO: StageOptions['info'] = {
  version: '0.0.0',
  cluster: 'podium',
  server: 'Podium web',
  machine: 'test',
  versions: ['v1', 'v2', 'v3'],
  limits: { loadbots: 10, replicas: 50 },
}

export interface TestStage extends Running {
  stage: Stage
  client: KubeClient
  /** Requests with the token. */
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** What the aggregator says; undefined ends its connection. */
  pushFrame(frame: LoadFrame | undefined): void
  /** Folder of the client's files. */
  clientDir: string
}

export async function startTestStage(
  objects: [Kind, KubeObject][],
  options: Partial<StageOptions> = {},
): Promise<TestStage> {
  const frames = createFrames()
  const client = { ...clientOver(objects), stream: () => frames.open() }
  const log = createLog('error', () => {})
  const informers = createInformers(client, systemClock, log)
  const clientDir = await mkdtemp(path.join(tmpdir(), 'podium-stage-'))
  await mkdir(path.join(clientDir, 'assets'))
  await writeFile(path.join(clientDir, 'index.html'), '<title>Podium</title>')
  await writeFile(path.join(clientDir, 'assets', 'app-1a2b.js'), '')
  const stage = await startStage(
    { client, informers, clock: systemClock, log },
    {
      host: '127.0.0.1',
      port: 0,
      token: TOKEN,
      clientDir,
      demo: CAST,
      info: INFO,
      ...options,
    },
  ).catch(async (error: unknown) => {
    informers.close()
    await rm(clientDir, { recursive: true })
    throw error
  })
  return {
    stage,
    client,
    clientDir,
    pushFrame: frames.push,
    fetch(path, init = {}) {
      const headers = new Headers(init.headers)
      headers.set('Authorization', `Bearer ${TOKEN}`)
      return fetch(`${stage.url}${path}`, { redirect: 'manual', ...init, headers })
    },
    async close() {
      await stage.close()
      informers.close()
      await rm(clientDir, { recursive: true })
    },
  }
}

/** The fake cluster with what the stage's actions need besides: the scale subresource and JSON patches. */
function clientOver(objects: [Kind, KubeObject][]): KubeClient {
  const fake = createFakeClient(objects)
  const patch: KubeClient['patch'] = async (kind, key, change, options) => {
    if (options.type === 'json') {
      const held = structuredClone(await fake.get(kind, key))
      return fake.update(kind, jsonPatch.applyPatch(held, change as never).newDocument)
    }
    const { subresource, ...rest } = options
    return fake.patch(kind, key, change, subresource === 'scale' ? rest : options)
  }
  return {
    get: (...args) => fake.get(...args),
    list: (...args) => fake.list(...args),
    create: (...args) => fake.create(...args),
    update: (...args) => fake.update(...args),
    delete: (...args) => fake.delete(...args),
    watch: (...args) => fake.watch(...args),
    stream: () => Promise.reject(unavailable('no endpoints available for service "aggregator"')),
    patch,
  }
}

interface Frames {
  push: (frame: LoadFrame | undefined) => void
  open: () => Promise<StreamResponse>
}

function createFrames(): Frames {
  const waiting: (LoadFrame | undefined)[] = []
  let wake: (() => void) | undefined
  async function* body(): AsyncGenerator<Uint8Array> {
    for (;;) {
      while (waiting.length === 0) await new Promise<void>((resolve) => (wake = resolve))
      const frame = waiting.shift()
      if (!frame) return
      yield new TextEncoder().encode(`${JSON.stringify(frame)}\n`)
    }
  }
  return {
    push(frame) {
      waiting.push(frame)
      wake?.()
    },
    open: () => Promise.resolve({ status: 200, headers: {}, body: body() }),
  }
}

/** Waits until `read` answers something true; fails after ten seconds with what was waited for. */
export async function eventually<T>(what: string, read: () => T | Promise<T>): Promise<T> {
  const deadline = Date.now() + 10_000
  for (;;) {
    const value = await read()
    if (value) return value
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`)
    await sleep(10)
  }
}
