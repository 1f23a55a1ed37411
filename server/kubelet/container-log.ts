// Which file answers a request for a container's log, and why when none does (kubelet_pods.go validateContainerLogStatus).
import { access } from 'node:fs/promises'
import type { LogRequest } from '../../shared/operation.ts'
import { badRequest, notFound } from '../../shared/status.ts'
import { pods } from '../../shared/kubernetes/kinds.ts'
import type { ObservedContainer } from './observed.ts'
import type { PodWorker } from './pod-worker.ts'
import { observedContainer } from './pod-worker.ts'
import type { LogBook } from './runtime/log-book.ts'
import { readLog } from './runtime/log-reader.ts'

/**
 * The log's bytes as they come. The first step of the iteration throws an ApiError when there is no such log.
 * @param now ms since the epoch.
 */
export async function* containerLog(
  worker: PodWorker | undefined,
  request: LogRequest,
  book: LogBook,
  now: number,
): AsyncGenerator<Uint8Array> {
  if (!worker) throw notFound(pods, request.pod)
  const container = observedContainer(worker, request.container)
  if (!container) {
    throw badRequest(`container ${request.container} is not valid for pod ${request.pod}`)
  }
  const file = await logFile(worker, container, request)
  yield* readLog(file, request, book.live(file), now)
}

async function logFile(
  { places }: PodWorker,
  container: ObservedContainer,
  request: LogRequest,
): Promise<string> {
  const { restartCount, name } = container
  if (request.previous) {
    const file = places.log(name, restartCount - 1)
    if (await exists(file)) return file
    throw badRequest(`previous terminated container "${name}" in pod "${request.pod}" not found`)
  }
  // A container about to start again has the log of its last run.
  for (const restart of [restartCount, restartCount - 1]) {
    const file = places.log(name, restart)
    if (await exists(file)) return file
  }
  if (container.phase === 'running' || container.phase === 'exited')
    return places.log(name, restartCount)
  const reason = container.hold?.reason ?? 'ContainerCreating'
  throw badRequest(`container "${name}" in pod "${request.pod}" is waiting to start: ${reason}`)
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}
