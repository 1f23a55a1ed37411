// Probes and lifecycle hooks (core/validation validateProbe, validateHandler).
import type {
  Container,
  HttpGetAction,
  LifecycleHandler,
  Probe,
} from '../../../../shared/kubernetes/pod.ts'
import type { StatusCause } from '../../../../shared/status.ts'
import { forbidden, invalid, notNegative, notSupported, required } from '../rules/causes.ts'
import { follows } from '../rules/fields.ts'
import { isPort, PORT_RANGE, portName } from '../rules/names.ts'

function portCauses(field: string, port: number | string | undefined): StatusCause[] {
  if (typeof port === 'string') return follows(portName, field, port)
  return port !== undefined && isPort(port) ? [] : [invalid(field, port ?? 0, PORT_RANGE)]
}

function httpCauses(action: HttpGetAction, at: string): StatusCause[] {
  const causes = portCauses(`${at}.port`, action.port)
  if (!action.path) causes.push(required(`${at}.path`))
  if (!['HTTP', 'HTTPS'].includes(action.scheme ?? '')) {
    causes.push(notSupported(`${at}.scheme`, action.scheme, ['HTTP', 'HTTPS']))
  }
  ;(action.httpHeaders ?? []).forEach((header, i) => {
    const name = header.name ?? ''
    if (!/^[-A-Za-z0-9]+$/.test(name)) {
      const why =
        "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')"
      causes.push(invalid(`${at}.httpHeaders[${i}].name`, name, why))
    }
  })
  return causes
}

const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const
type Handler = LifecycleHandler & Pick<Probe, 'grpc'>

function actionCauses(handler: Handler, at: string): StatusCause[] {
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler
  const causes: StatusCause[] = []
  if (exec && !exec.command?.length) causes.push(required(`${at}.exec.command`))
  if (httpGet) causes.push(...httpCauses(httpGet, `${at}.httpGet`))
  if (tcpSocket) causes.push(...portCauses(`${at}.tcpSocket.port`, tcpSocket.port))
  if (grpc) causes.push(...portCauses(`${at}.grpc.port`, grpc.port))
  if (sleep) causes.push(...notNegative(`${at}.sleep.seconds`, sleep.seconds ?? 0))
  return causes
}

/** Exactly one way of doing it. */
function handlerCauses(handler: Handler, at: string): StatusCause[] {
  const [first, ...more] = HANDLERS.filter((name) => handler[name] !== undefined)
  if (!first) return [required(at, 'must specify a handler type')]
  return [
    ...more.map((name) => forbidden(`${at}.${name}`, 'may not specify more than 1 handler type')),
    ...actionCauses(handler, at),
  ]
}

const COUNTS = [
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
] as const

type ProbeKind = 'livenessProbe' | 'readinessProbe' | 'startupProbe'

function probeCauses(probe: Probe | undefined, name: ProbeKind, container: string): StatusCause[] {
  if (!probe) return []
  const at = `${container}.${name}`
  const causes = handlerCauses(probe, at)
  for (const count of COUNTS) causes.push(...notNegative(`${at}.${count}`, probe[count]))
  const grace = probe.terminationGracePeriodSeconds
  if (name === 'readinessProbe') {
    if (grace !== undefined) {
      const field = `${at}.terminationGracePeriodSeconds`
      causes.push(invalid(field, grace, 'must not be set for readinessProbes'))
    }
    return causes
  }
  if ((probe.successThreshold ?? 1) !== 1) {
    causes.push(invalid(`${at}.successThreshold`, probe.successThreshold, 'must be 1'))
  }
  if (grace !== undefined && grace <= 0) {
    causes.push(invalid(`${at}.terminationGracePeriodSeconds`, grace, 'must be greater than 0'))
  }
  return causes
}

function hookCauses(hook: LifecycleHandler | undefined, at: string): StatusCause[] {
  return hook ? handlerCauses(hook, at) : []
}

/** Probes and hooks of a container that keeps running. */
export function handlersOf(container: Container, at: string): StatusCause[] {
  return [
    ...hookCauses(container.lifecycle?.postStart, `${at}.lifecycle.postStart`),
    ...hookCauses(container.lifecycle?.preStop, `${at}.lifecycle.preStop`),
    ...probeCauses(container.livenessProbe, 'livenessProbe', at),
    ...probeCauses(container.readinessProbe, 'readinessProbe', at),
    ...probeCauses(container.startupProbe, 'startupProbe', at),
  ]
}

/** Init containers run to their end, so they have none of these. */
export function noHandlers(container: Container, at: string): StatusCause[] {
  const names = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const
  return names
    .filter((name) => container[name] !== undefined)
    .map((name) =>
      forbidden(`${at}.${name}`, 'may not be set for init containers without restartPolicy=Always'),
    )
}
