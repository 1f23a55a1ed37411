// One run of one container: from its start to its end.
import { randomBytes } from 'node:crypto'
import { open, readFile } from 'node:fs/promises'
import type { Container, Pod } from '../../shared/kubernetes/pod.ts'
import { milliCpu } from '../../shared/quantity.ts'
import type { NodeContext } from './context.ts'
import { containerEnvironment, environmentReferences } from './environment.ts'
import { expand } from './expansion.ts'
import type { HandlerTarget } from './handler.ts'
import type { ContainerExit, ObservedContainer } from './observed.ts'
import { hostnameOf, hostsFile, resolverFile } from './pod-names.ts'
import type { LaidOut, OwnFilesWish, PodPlaces } from './pod-places.ts'
import { layOut, terminationPath } from './pod-places.ts'
import type { PodVolumes } from './pod-volumes.ts'
import type { Prober } from './prober.ts'
import type { CpuWish } from './runtime/cpu-groups.ts'
import { tailOfLog } from './runtime/log-reader.ts'

/** What a container's start and stop need of its pod. */
export interface PodScope {
  context: NodeContext
  pod: () => Pod
  podIP: () => string | undefined
  places: PodPlaces
  volumes: PodVolumes
}

/** A container that has been started and has not ended. */
export interface Run {
  readonly container: ObservedContainer
  readonly spec: Container
  readonly id: string
  /** Resolves when its process and everything below it is gone. */
  readonly ended: Promise<void>
  prober: Prober | undefined
  /** Brings the time of SIGKILL forward (ms since the epoch); set while it is being stopped. */
  hurry: ((killAt: number) => void) | undefined
}

/** The image is not there. */
export class ImageError extends Error {}
/** The container was configured rightly, but the operating system would not start it. */
export class StartError extends Error {}

const MAX_MESSAGE_BYTES = 4096
const FALLBACK_LINES = 80
const FALLBACK_BYTES = 2048

export function newContainerId(): string {
  return randomBytes(32).toString('hex')
}

/**
 * Starts the process. The container counts as started once this resolves; its hooks and probes are the caller's.
 * @param onExit told how it ended, with its last words, when nothing of it runs any more.
 * @throws ImageError, ConfigError (environment.ts), StartError
 */
export async function startProcess(
  scope: PodScope,
  spec: Container,
  container: ObservedContainer,
  id: string,
  onExit: (exit: ContainerExit) => void,
): Promise<Run> {
  const { runtime, deps } = scope.context
  container.imageID = imageOf(scope, spec)
  container.image = spec.image
  const env = await environmentOf(scope, spec)
  const restart = container.restartCount
  const { places, volumes } = scope
  let laid: LaidOut
  try {
    laid = await layOut(places, spec, volumes.volumes, restart, await ownFilesOf(scope))
  } catch (error) {
    throw new StartError((error as Error).message, { cause: error })
  }
  const startedAt = deps.clock.now()
  const logPath = places.log(spec.name, restart)
  let end: () => void = () => undefined
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  const finish = async (exitCode: number): Promise<void> => {
    const message = await lastWords(laid.terminationLog, spec, logPath, exitCode).catch(() => '')
    const reason = container.outOfMemory ? 'OOMKilled' : exitCode === 0 ? 'Completed' : 'Error'
    onExit({ id, exitCode, reason, message, startedAt, finishedAt: deps.clock.now() })
    end()
  }
  try {
    await runtime.start(
      {
        id,
        image: spec.image ?? '',
        command: spec.command?.map((part) => expand(part, env)),
        args: spec.args?.map((part) => expand(part, env)),
        env,
        cwd: laid.cwd,
        files: laid.files,
        scratch: places.scratch(spec.name),
        logPath,
        ...(spec.stdin && { stdin: spec.stdinOnce ? 'once' : 'open' }),
        ...(spec.tty && { tty: true }),
        cpu: cpuWish(spec),
      },
      ({ exitCode }) => void finish(exitCode),
    )
  } catch (error) {
    throw new StartError((error as Error).message, { cause: error })
  }
  container.startedAt = startedAt
  return { container, spec, id, ended, prober: undefined, hurry: undefined }
}

function cpuWish({ resources }: Container): CpuWish {
  const { cpu: request } = resources?.requests ?? {}
  const { cpu: limit } = resources?.limits ?? {}
  return {
    requestMillis: milliCpu(request),
    limitMillis: limit === undefined ? undefined : milliCpu(limit),
  }
}

function imageOf({ context }: PodScope, spec: Container): string {
  const image = spec.image ?? ''
  const found = context.runtime.findImage(image)
  if ('missing' in found) throw new ImageError(found.missing)
  return found.imageID
}

async function environmentOf(scope: PodScope, spec: Container): Promise<Record<string, string>> {
  const { context, places } = scope
  const pod = scope.pod()
  const namespace = pod.metadata.namespace ?? ''
  const found = await context.objects.find(namespace, environmentReferences(spec))
  return containerEnvironment(
    {
      pod,
      container: spec,
      addresses: { podIP: scope.podIP(), hostIP: context.hostIP },
      node: context.allocatable,
      services: context.objects.services(namespace),
      apiAddress: context.apiAddress,
      apiService: context.objects.apiService(),
      ...found,
    },
    {
      nodeName: context.nodeName,
      clusterDns: context.clusterDns,
      ...(context.fileSystems
        ? { root: '/', terminationLog: terminationPath(spec) }
        : { root: places.root(spec.name), terminationLog: places.terminationLog(spec) }),
    },
  )
}

/** What every container of a pod has in /etc, where containers have file systems of their own. */
async function ownFilesOf({ context, pod, podIP }: PodScope): Promise<OwnFilesWish | undefined> {
  const { fileSystems, clusterDns } = context
  if (!fileSystems) return undefined
  const machine = await readFile('/etc/resolv.conf', 'utf8').catch(() => '')
  const hostname = hostnameOf(pod())
  const files = {
    '/etc/hostname': `${hostname}\n`,
    '/etc/hosts': hostsFile(pod(), podIP() ?? ''),
    '/etc/resolv.conf': resolverFile(pod(), { clusterDns, machine }),
  }
  return { fileSystems, hostname, files }
}

/** What the container wrote to its termination log, or the end of its log when it failed and asked for that. */
async function lastWords(
  file: string,
  spec: Container,
  logPath: string,
  exitCode: number,
): Promise<string> {
  const text = await firstBytes(file, MAX_MESSAGE_BYTES)
  const fallBack = spec.terminationMessagePolicy === 'FallbackToLogsOnError' && exitCode !== 0
  if (text !== '' || !fallBack) return text
  return tailOfLog(logPath, FALLBACK_LINES, FALLBACK_BYTES)
}

async function firstBytes(file: string, bytes: number): Promise<string> {
  const handle = await open(file, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await handle.close()
  }
}

/** How a run's probes and hooks reach it. */
export function targetOf(scope: PodScope, run: Run): HandlerTarget {
  return {
    container: run.spec,
    containerId: run.id,
    podIP: scope.podIP() ?? scope.context.hostIP,
    runtime: scope.context.runtime,
  }
}

/** How a start that failed is shown: as an end of its own, so that it is tried again with growing pauses. */
export function failedStart(id: string, error: StartError, now: number): ContainerExit {
  return {
    id,
    exitCode: 128,
    reason: 'StartError',
    message: error.message,
    startedAt: now,
    finishedAt: now,
  }
}
