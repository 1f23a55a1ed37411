// pods/exec and pods/attach: from what the URL asks for to a process of the pod's node
// (pkg/registry/core/pod/strategy.go: ExecLocation, AttachLocation).
import type { ObjectKey } from '../../../shared/client.ts'
import { pods } from '../../../shared/kubernetes/kinds.ts'
import type { Pod } from '../../../shared/kubernetes/pod.ts'
import type { NodeDoor, RemoteProcess } from '../../../shared/operation.ts'
import { badRequest, invalid, notFound, unavailable } from '../../../shared/status.ts'
import type { Core } from '../core.ts'
import { storeKey } from '../keys.ts'
import { chooseContainer } from './log.ts'

/** Which streams the client wants (core/v1 PodExecOptions, PodAttachOptions). */
export interface Wanted {
  stdin: boolean
  stdout: boolean
  stderr: boolean
  tty: boolean
}

export type Remote = 'exec' | 'attach'

/** What the query says of streams. @throws ApiError 400 when it asks for none. */
function wantedStreams(subresource: Remote, query: URLSearchParams): Wanted {
  const flag = (name: string): boolean => ['1', 'true'].includes(query.get(name) ?? '')
  const tty = flag('tty')
  const wanted = { stdin: flag('stdin'), stdout: flag('stdout'), tty }
  // A terminal has one output.
  const all = { ...wanted, stderr: flag('stderr') && !tty }
  if (all.stdin || all.stdout || all.stderr) return all
  const kind = subresource === 'exec' ? 'PodExecOptions' : 'PodAttachOptions'
  throw badRequest(`${kind}: you must specify at least 1 of stdin, stdout, stderr`)
}

export interface Located {
  wanted: Wanted
  /** Starts the command, or joins the container's process. @throws ApiError 500 when the container does not run. */
  open(): Promise<RemoteProcess>
}

/**
 * Finds out what is asked for without starting anything.
 * @throws ApiError 404 for the pod, 400 for the container or the streams, 422 without a command.
 */
export function locateRemote(
  core: Core,
  subresource: Remote,
  key: ObjectKey,
  query: URLSearchParams,
): Located {
  const { pod, door } = podAndNode(core, key)
  const { namespace = '', name } = key
  const container = chooseContainer(pod, query.get('container') ?? undefined)
  const wanted = wantedStreams(subresource, query)
  const { stdin, tty } = wanted
  const request = { namespace, pod: name, container, stdin, tty }
  if (subresource === 'attach') return { wanted, open: () => door.attach(request) }
  const command = query.getAll('command')
  if (command.length > 0) return { wanted, open: () => door.exec({ ...request, command }) }
  throw invalid({ kind: 'PodExecOptions' }, name, [
    { reason: 'FieldValueRequired', message: 'Required value', field: 'command' },
  ])
}

function podAndNode(core: Core, key: ObjectKey): { pod: Pod; door: NodeDoor } {
  const pod = core.store.get(storeKey(pods, key))?.value as Pod | undefined
  if (!pod) throw notFound(pods, key.name)
  const { nodeName } = pod.spec
  if (!nodeName) throw badRequest(`pod ${key.name} does not have a host assigned`)
  const door = core.nodeDoor(nodeName)
  if (!door) throw unavailable(`the kubelet of node "${nodeName}" cannot be reached`)
  return { pod, door }
}
