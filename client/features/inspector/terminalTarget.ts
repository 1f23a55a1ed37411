// What a terminal on a container would speak with, and why there may be none. Pure.
import { isBeingDeleted } from '../../../shared/kubernetes/meta.ts'
import type { Container, Pod } from '../../../shared/kubernetes/pod.ts'
import type { NodeView } from '../../../shared/stage.ts'

/** A new shell in the container, or the container's own process where it was made to be talked to. */
export type TerminalWay = 'exec' | 'attach'

/** Whether it reads a terminal of its own (`kubectl run -i --tty`). */
export const isInteractive = ({ stdin, tty }: Container): boolean => stdin === true && tty === true

/** The containers that may have a terminal, the pod's own first. */
export function terminalContainers({ spec }: Pod): readonly Container[] {
  return [...spec.containers, ...(spec.ephemeralContainers ?? []), ...(spec.initContainers ?? [])]
}

/**
 * Why that container has no terminal now, as a sentence; null: it has.
 * @param node the pod's node as the stage sees it; undefined: it is not known
 */
export function whyNoTerminal(
  pod: Pod,
  container: string,
  node: Pick<NodeView, 'simulated' | 'failed'> | undefined,
): string | null {
  const { nodeName } = pod.spec
  if (!nodeName) return 'It waits for a node; there is no process yet.'
  if (node?.simulated)
    return `${nodeName} is simulated: it runs no processes, so there is no shell.`
  if (node?.failed) return `${nodeName} has failed: nobody there answers.`
  const { initContainerStatuses, containerStatuses, ephemeralContainerStatuses } = pod.status ?? {}
  const state = [
    ...(containerStatuses ?? []),
    ...(initContainerStatuses ?? []),
    ...(ephemeralContainerStatuses ?? []),
  ].find(({ name }) => name === container)?.state
  if (state?.running) return null
  if (state?.terminated) {
    return `Container ${container} has ended with exit code ${state.terminated.exitCode}; nothing runs in it.`
  }
  if (isBeingDeleted(pod)) return `The pod is being deleted; container ${container} does not run.`
  const { reason, message } = state?.waiting ?? {}
  const why = reason ? ` (${message ? `${reason}: ${message}` : reason})` : ''
  return `Container ${container} does not run yet${why}.`
}

/** The same by kubectl. */
export function kubectlLine(way: TerminalWay, pod: Pod, container: string): string {
  const { name = '', namespace = 'default' } = pod.metadata
  const where = namespace === 'default' ? '' : ` -n ${namespace}`
  const of = `${name} -c ${container} -i -t${where}`
  return way === 'exec' ? `kubectl exec ${of} -- sh` : `kubectl attach ${of}`
}
