// Commands run in a container, and joining its own process (kubelet: server.go getExec and getAttach,
// kubelet_pods.go GetExec and GetAttach).
import { Readable } from 'node:stream'
import type { AttachRequest, ExecRequest, RemoteProcess } from '../../shared/operation.ts'
import type { ApiError } from '../../shared/status.ts'
import { badRequest, internal, notFound } from '../../shared/status.ts'
import { pods } from '../../shared/kubernetes/kinds.ts'
import type { Container, Pod } from '../../shared/kubernetes/pod.ts'
import { copyWithin } from './copy-paths.ts'
import type { PodWorker } from './pod-worker.ts'
import { observedContainer } from './pod-worker.ts'
import type { ContainerRuntime } from './runtime/runtime.ts'
import { CommandError } from './runtime/runtime.ts'

/**
 * Runs a command in a container. One that cannot be run answers like one that ended at once: its words on the error
 * output, 126 or 127 as its exit code.
 * @param ownFiles the container has a file system of its own
 * @throws ApiError when the container does not run.
 */
export async function execIn(
  worker: PodWorker | undefined,
  request: ExecRequest,
  runtime: ContainerRuntime,
  ownFiles: boolean,
): Promise<RemoteProcess> {
  const id = runningId(worker, request)
  const { stdin, tty } = request
  const root = ownFiles ? '/' : (worker?.places.root(request.container) ?? '/')
  const command = copyWithin(request.command, root)
  try {
    return await runtime.open(id, command, { stdin, tty })
  } catch (error) {
    if (error instanceof CommandError) return neverRan(error, tty)
    throw internal(`error executing command in container: ${(error as Error).message}`)
  }
}

/** Joins the process of a container. @throws ApiError when it does not run, or has no input or terminal to join. */
export function attachTo(
  worker: PodWorker | undefined,
  request: AttachRequest,
  runtime: ContainerRuntime,
): RemoteProcess {
  const id = runningId(worker, request)
  const spec = worker && containerNamed(worker.pod, request.container)
  if (request.tty && !spec?.tty) {
    throw badRequest(`container ${request.container} is not running with a TTY`)
  }
  const attached = runtime.attach(id, { stdin: request.stdin && spec?.stdin === true })
  if (!attached) throw noContainer(request.container)
  return attached
}

function runningId(worker: PodWorker | undefined, { pod, container }: AttachRequest): string {
  if (!worker) throw notFound(pods, pod)
  const found = observedContainer(worker, container)
  const lives = found?.phase === 'running' || found?.phase === 'stopping'
  // A container whose postStart hook is still going on has a process too.
  const starting = found?.phase === 'starting' && found.startedAt !== undefined
  if (found?.id === undefined || !(lives || starting)) throw noContainer(container)
  return found.id
}

/** What the kubelet answers for a container that is not running. */
function noContainer(container: string): ApiError {
  return internal(`unable to upgrade connection: container not found ("${container}")`)
}

function containerNamed({ spec }: Pod, name: string): Container | undefined {
  const { containers, initContainers = [], ephemeralContainers = [] } = spec
  return [...containers, ...initContainers, ...ephemeralContainers].find(
    (entry) => entry.name === name,
  )
}

function neverRan({ message, exitCode }: CommandError, tty: boolean): RemoteProcess {
  const words = `OCI runtime exec failed: exec failed: unable to start container process: ${message}\n`
  return {
    stdout: Readable.from(tty ? [Buffer.from(words)] : []),
    stderr: Readable.from(tty ? [] : [Buffer.from(words)]),
    ended: Promise.resolve(exitCode),
    write: () => Promise.resolve(),
    endInput: () => undefined,
    resize: () => undefined,
    close: () => undefined,
  }
}
