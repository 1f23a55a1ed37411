// pods/log: bytes from the kubelet of the pod's node (pkg/registry/core/pod/strategy.go: LogLocation).
import type { ObjectKey, StreamRequest, StreamResponse } from '../../../shared/client.ts'
import { pods } from '../../../shared/kubernetes/kinds.ts'
import type { Container, Pod } from '../../../shared/kubernetes/pod.ts'
import type { LogRequest } from '../../../shared/operation.ts'
import { badRequest, invalid, notFound, unavailable } from '../../../shared/status.ts'
import type { Core } from '../core.ts'
import { storeKey } from '../keys.ts'

const FIRST_PIECE_MS = 200

export async function podLog(
  core: Core,
  key: ObjectKey,
  request: Pick<StreamRequest, 'query' | 'signal'>,
): Promise<StreamResponse> {
  const pod = core.store.get(storeKey(pods, key))?.value as Pod | undefined
  if (!pod) throw notFound(pods, key.name)
  const query = request.query ?? {}
  const container = chooseContainer(pod, query['container'])
  const wishes = logOptions(key.name, query)
  const nodeName = pod.spec.nodeName
  const headers = { 'content-type': 'text/plain' }
  // A pod that is nowhere yet has said nothing yet.
  if (!nodeName) return { status: 200, headers, body: nothing() }
  const node = core.nodeDoor(nodeName)
  if (!node) throw unavailable(`the kubelet of node "${nodeName}" cannot be reached`)
  const body = node.logs({
    namespace: key.namespace ?? '',
    pod: key.name,
    container,
    ...wishes,
    ...(request.signal && { signal: request.signal }),
  })
  // The first piece is asked for here, so that "container is waiting to start" is still an answer of its own; a
  // container that says nothing for a while is answered for without it.
  const pieces = body[Symbol.asyncIterator]()
  const first = pieces.next()
  const silence = new Promise<void>((resolve) => {
    core.clock.after(FIRST_PIECE_MS, () => resolve())
  })
  await Promise.race([first, silence])
  return { status: 200, headers, body: resume(first, pieces) }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function* resume(
  first: Promise<IteratorResult<Uint8Array, unknown>>,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    for (let piece = await first; !piece.done; piece = await rest.next()) yield piece.value
  } finally {
    await rest.return?.()
  }
}

/**
 * The container a request speaks of.
 * @throws ApiError 400 when there is none of that name, or several and no name.
 */
export function chooseContainer(pod: Pod, asked: string | undefined): string {
  const { name = '' } = pod.metadata
  const { containers, initContainers = [], ephemeralContainers = [] } = pod.spec
  const names = (list: readonly Container[]) => list.map((container) => container.name).join(' ')
  if (asked) {
    const all = [...containers, ...initContainers, ...ephemeralContainers]
    const known = all.some((container) => container.name === asked)
    if (known) return asked
    throw badRequest(`container ${asked} is not valid for pod ${name}`)
  }
  if (containers.length === 1) return containers[0]?.name ?? ''
  const init =
    initContainers.length > 0 ? ` or one of the init containers: [${names(initContainers)}]` : ''
  throw badRequest(
    `a container name must be specified for pod ${name}, choose one of: [${names(containers)}]${init}`,
  )
}

type Wishes = Omit<LogRequest, 'namespace' | 'pod' | 'container' | 'signal'>

function logOptions(pod: string, query: Record<string, string>): Wishes {
  const flag = (name: string) => query[name] === 'true' || query[name] === '1'
  const count = (name: string, least: number): number | undefined => {
    const text = query[name]
    if (text === undefined || text === '') return undefined
    const value = Number(text)
    if (Number.isSafeInteger(value) && value >= least) return value
    throw invalid({ kind: 'PodLogOptions' }, pod, [
      {
        reason: 'FieldValueInvalid',
        message: `Invalid value: ${JSON.stringify(text)}: must be greater than or equal to ${least}`,
        field: name,
      },
    ])
  }
  const tailLines = count('tailLines', 0)
  const sinceSeconds = count('sinceSeconds', 1)
  const limitBytes = count('limitBytes', 1)
  const sinceTime = query['sinceTime']
  if (sinceTime && Number.isNaN(Date.parse(sinceTime))) {
    throw badRequest(`sinceTime ${JSON.stringify(sinceTime)} is not a time`)
  }
  return {
    ...(flag('follow') && { follow: true }),
    ...(flag('previous') && { previous: true }),
    ...(flag('timestamps') && { timestamps: true }),
    ...(tailLines !== undefined && { tailLines }),
    ...(sinceSeconds !== undefined && { sinceSeconds }),
    ...(limitBytes !== undefined && { limitBytes }),
    ...(sinceTime && { sinceTime }),
  }
}
