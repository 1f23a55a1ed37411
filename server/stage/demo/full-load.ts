// What this machine sustains, found out once the demo runs, and written where the stage reads it: on the loadbots'
// ConfigMap. The demo begins gently; this says how far one press may take it.
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import os from 'node:os'
import path from 'node:path'
import { configMaps, services } from '../../../shared/kubernetes/kinds.ts'
import { isNotFound } from '../../../shared/status.ts'
import { messageOf } from '../../machinery/log.ts'
import type { RoomDeps, Running } from '../../machinery/room.ts'
import { FULL_LOAD_ANNOTATION } from '../loadRate.ts'
import { CAST } from './keynote.ts'

/**
 * The part of the machine's cores that full load may use by what a request costs undisturbed. The rest is for the control
 * plane, the stage and the browser, and for what requests cost more when many processes share the cores.
 */
const DATA_PLANE_SHARE = 0.3
/** The part of what another server answered at most that it shall be asked for. */
const SAFE_SHARE = 0.7
/** Full load is a round number: it is read out loud. */
const ROUND_TO = 50_000
const PROBE_TIMEOUT_MS = 10_000
const MAX_OUTPUT = 10_000

/** One line of the probe (server/programs/probe). */
interface Measurement {
  requests: number
  seconds: number
  cpuSeconds: number
}

const rounded = (load: number): number => Math.max(ROUND_TO, Math.floor(load / ROUND_TO) * ROUND_TO)

/** Requests per second that `cores` sustain when requests cost what was measured; at least one step. */
export function fullLoadFrom({ requests, cpuSeconds }: Measurement, cores: number): number {
  return rounded((requests / cpuSeconds) * cores * DATA_PLANE_SHARE)
}

/** The same by what came through, where the server's CPU time is not known. */
export function fullLoadThrough({ requests, seconds }: Measurement): number {
  return rounded((requests / seconds) * SAFE_SHARE)
}

export interface FullLoadOptions {
  /** The folder with probe.js (dist/server). */
  programsDir: string
  /** Every process of the cluster carries it in its environment. */
  clusterId: string
  /** Whether Podium's own server answers the demo's requests; another one is measured through the Service. */
  ownServer: boolean
  /** Resolves when the demo serves; nothing is measured before. */
  ready: Promise<void>
}

/** Starts measuring; a machine that cannot be measured is logged and stays without a full load. */
export function startFullLoad(deps: RoomDeps, options: FullLoadOptions): Running {
  const { client, log } = deps
  let probe: ChildProcess | undefined
  let closed = false
  const done = options.ready
    .then(async () => {
      if (closed) return
      probe = spawnProbe(options, options.ownServer ? [] : serviceArguments(deps))
      const measured = await lineOf(probe, deps)
      const load = options.ownServer
        ? fullLoadFrom(measured, os.availableParallelism())
        : fullLoadThrough(measured)
      const annotations = { [FULL_LOAD_ANNOTATION]: String(load) }
      const key = { namespace: CAST.namespace, name: CAST.loadbots }
      await client.patch(configMaps, key, { metadata: { annotations } }, { type: 'merge' })
    })
    .catch((error: unknown) => {
      if (!closed && !isNotFound(error)) log.warn(`full load not measured: ${messageOf(error)}`)
    })
  return {
    async close() {
      closed = true
      probe?.kill('SIGKILL')
      if (probe) await done
    },
  }
}

function serviceArguments({ informers }: RoomDeps): string[] {
  const { spec } = informers.of(services).get(`${CAST.namespace}/${CAST.service}`) ?? {}
  if (!spec?.clusterIP) throw new Error(`the Service ${CAST.service} has no address`)
  return ['--host', spec.clusterIP, '--port', String(spec.ports?.[0]?.port ?? 80)]
}

function spawnProbe(
  { programsDir, clusterId }: FullLoadOptions,
  args: readonly string[],
): ChildProcess {
  const child = spawn(process.execPath, [path.join(programsDir, 'probe.js'), ...args], {
    // A session of its own, as each pod has: the one that Podium runs in may go before others.
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { PATH: process.env['PATH'] ?? '', PODIUM_CLUSTER: clusterId },
  })
  stepBack(child.pid)
  return child
}

/** What it measures are pods that step back for the control plane. */
const NICENESS = 5

function stepBack(pid: number | undefined): void {
  try {
    if (pid !== undefined) os.setPriority(pid, NICENESS)
  } catch {
    // It has ended already, or the system forbids it; it runs all the same.
  }
}

async function lineOf(child: ChildProcess, { clock }: RoomDeps): Promise<Measurement> {
  let text = ''
  child.stdout?.on('data', (chunk) => {
    if (text.length < MAX_OUTPUT) text += String(chunk)
  })
  const late = clock.after(PROBE_TIMEOUT_MS, () => void child.kill('SIGKILL'))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  late.cancel()
  if (code !== 0) throw new Error(`the probe ended with ${code ?? 'a signal'}`)
  const measured = JSON.parse(text) as Partial<Measurement>
  const { requests = 0, cpuSeconds = 0, seconds = 0 } = measured
  if (!(requests > 0 && cpuSeconds > 0)) throw new Error('no request was answered')
  return { requests, cpuSeconds, seconds }
}
