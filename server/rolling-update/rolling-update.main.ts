// `podium rolling-update`: the command of 2015 against the cluster a kubeconfig names.
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parse } from 'yaml'
import type { ReplicationController } from '../../shared/kubernetes/workloads.ts'
import { isApiError } from '../../shared/status.ts'
import { createHttpClient } from '../machinery/http-client.ts'
import type { Arguments } from './arguments.ts'
import { readArguments, USAGE } from './arguments.ts'
import { defaultKubeconfig, readKubeconfig } from './kubeconfig.ts'
import type { RollingUpdateOptions } from './rolling-update.ts'
import { rollingUpdate, RollingUpdateError } from './rolling-update.ts'

/** Here the process does live for its timers. */
const clock = {
  now: () => Date.now(),
  after(ms: number, run: () => void) {
    const stop = new AbortController()
    sleep(ms, undefined, { signal: stop.signal }).then(run, () => undefined)
    return { cancel: () => stop.abort() }
  },
}

function nextOf({ filename, image, container }: Arguments): RollingUpdateOptions['next'] {
  if (image !== undefined) return { image, ...(container !== undefined && { container }) }
  if (filename === undefined) return 'rollback'
  const source = readFileSync(filename === '-' ? 0 : filename, 'utf8')
  const manifest = parse(source) as ReplicationController | null
  if (manifest?.kind !== 'ReplicationController') {
    throw new RollingUpdateError(`${filename} does not specify a valid ReplicationController`)
  }
  return { manifest }
}

const say = (line: string): void => void process.stdout.write(`${line}\n`)

async function run(args: readonly string[]): Promise<void> {
  const given = readArguments(args)
  if (!given) return say(USAGE)
  const file = given.kubeconfig ?? defaultKubeconfig(process.env)
  const { connection, namespace } = readKubeconfig(file, given.context)
  const next = nextOf(given)
  const named =
    typeof next === 'object' && 'manifest' in next ? next.manifest.metadata.name : given.newName
  const { oldName, deploymentKey, updatePeriodMs, pollIntervalMs, timeoutMs } = given
  await rollingUpdate(
    {
      namespace: given.namespace ?? namespace ?? 'default',
      oldName,
      next,
      ...(named !== undefined && { newName: named }),
      deploymentKey,
      updatePeriodMs,
      pollIntervalMs,
      timeoutMs,
    },
    { client: createHttpClient(connection), clock, say },
  )
  say(`replicationcontroller "${named ?? oldName}" rolling updated`)
}

try {
  await run(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof RollingUpdateError) && !isApiError(error)) throw error
  process.stderr.write(`error: ${error.message}\n`)
  process.exitCode = 1
}
