// One check or hook: an HTTP request, a TCP connection, a gRPC health call or a command (kubelet: pkg/probe,
// lifecycle/handlers.go). The texts are those people know from `kubectl describe`.
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import type {
  Container,
  HttpGetAction,
  LifecycleHandler,
  Probe,
} from '../../shared/kubernetes/pod.ts'
import { checkGrpcHealth } from './grpc-health.ts'
import type { Outcome } from './outcome.ts'
import type { ContainerRuntime } from './runtime/runtime.ts'

export interface HandlerTarget {
  container: Container
  /** Of the running container. */
  containerId: string
  podIP: string
  runtime: ContainerRuntime
}

/** Kubernetes cuts what a probe says at this size. */
const MAX_OUTPUT_BYTES = 10 * 1024
const OK: Outcome = { success: true, message: '' }

/** Runs a probe once. Never rejects. */
export async function runProbe(probe: Probe, target: HandlerTarget): Promise<Outcome> {
  const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000
  if (probe.grpc) {
    return checkGrpcHealth(target.podIP, probe.grpc.port, probe.grpc.service ?? '', timeoutMs)
  }
  return runHandler(probe, target, timeoutMs)
}

/** Runs what a probe and a lifecycle hook have in common. Never rejects. */
export async function runHandler(
  handler: Probe | LifecycleHandler,
  target: HandlerTarget,
  timeoutMs: number,
): Promise<Outcome> {
  try {
    if (handler.exec) return await runCommand(handler.exec.command, target, timeoutMs)
    if (handler.httpGet) return await get(handler.httpGet, target, timeoutMs)
    if (handler.tcpSocket) {
      const { host, port } = handler.tcpSocket
      return await connect(host || target.podIP, portOf(port, target.container), timeoutMs)
    }
    return { success: false, message: 'missing handler' }
  } catch (error) {
    return { success: false, message: (error as Error).message }
  }
}

async function runCommand(
  command: readonly string[],
  { runtime, containerId }: HandlerTarget,
  timeoutMs: number,
): Promise<Outcome> {
  const result = await runtime.exec(containerId, command, { timeoutMs, maxBytes: MAX_OUTPUT_BYTES })
  if (result.timedOut) {
    return {
      success: false,
      message: `command timed out: "${command.join(' ')}" timed out after ${timeoutMs / 1000}s`,
    }
  }
  return result.exitCode === 0 ? OK : { success: false, message: result.output.trim() }
}

/** A number, or the name of one of the container's ports. @throws Error when there is no such name. */
export function portOf(port: number | string, container: Container): number {
  const number = Number(port)
  if (Number.isInteger(number)) return number
  const named = container.ports?.find(({ name }) => name === port)
  if (!named) throw new Error(`couldn't find port: ${port} in container ${container.name}`)
  return named.containerPort
}

function get(action: HttpGetAction, target: HandlerTarget, timeoutMs: number): Promise<Outcome> {
  const secure = action.scheme === 'HTTPS'
  const host = action.host || target.podIP
  const port = portOf(action.port, target.container)
  const path = action.path ? action.path.replace(/^(?!\/)/, '/') : '/'
  const url = `${secure ? 'https' : 'http'}://${host}:${port}${path}`
  const headers: Record<string, string> = { 'User-Agent': 'kube-probe/1.36', Accept: '*/*' }
  for (const { name, value } of action.httpHeaders ?? []) headers[name] = value
  return new Promise((resolve) => {
    const fail = (message: string): void => resolve({ success: false, message })
    const request = (secure ? https : http).request(
      { host, port, path, headers, agent: false, rejectUnauthorized: false },
      (response) => {
        const status = response.statusCode ?? 0
        // 200 to 399 is success, as in pkg/probe/http.
        if (status >= 200 && status < 400) resolve(OK)
        else fail(`HTTP probe failed with statuscode: ${status}`)
        request.destroy()
      },
    )
    const timer = setTimeout(() => {
      fail(
        `Get "${url}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
      )
      request.destroy()
    }, timeoutMs)
    timer.unref()
    request.on('error', (error) => fail(`Get "${url}": ${dialText(error, host, port)}`))
    request.on('close', () => clearTimeout(timer))
    request.end()
  })
}

function connect(host: string, port: number, timeoutMs: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port })
    socket.setTimeout(timeoutMs, () => {
      resolve({ success: false, message: `dial tcp ${host}:${port}: i/o timeout` })
      socket.destroy()
    })
    socket.once('connect', () => {
      resolve(OK)
      socket.destroy()
    })
    socket.once('error', (error) =>
      resolve({ success: false, message: dialText(error, host, port) }),
    )
  })
}

/** Go's words for the commonest failure; others keep Node's. */
function dialText(error: NodeJS.ErrnoException, host: string, port: number): string {
  if (error.code === 'ECONNREFUSED') return `dial tcp ${host}:${port}: connect: connection refused`
  if (error.code === 'ECONNRESET') return 'EOF'
  return error.message
}
