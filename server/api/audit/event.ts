// What is written down of a request that was refused: an Event of audit.k8s.io/v1, level Metadata
// (apiserver/pkg/apis/audit/v1/types.go, endpoints/filters/audit.go).
import { randomUUID } from 'node:crypto'
import type { Caller } from '../../../shared/operation.ts'
import { ApiError, type Status } from '../../../shared/status.ts'
import { NotAuthorized } from '../access/authorize.ts'
import { parseResourcePath, type ResourcePath } from '../http/paths.ts'

interface AuditUser {
  username?: string
  uid?: string
  groups?: readonly string[]
  extra?: Readonly<Record<string, readonly string[]>>
}

export interface AuditEvent {
  kind: 'Event'
  apiVersion: 'audit.k8s.io/v1'
  level: 'Metadata'
  auditID: string
  stage: 'ResponseComplete'
  requestURI: string
  verb: string
  user: AuditUser
  impersonatedUser?: AuditUser
  sourceIPs: string[]
  userAgent?: string
  objectRef?: {
    resource: string
    namespace?: string
    name?: string
    apiGroup?: string
    apiVersion: string
    subresource?: string
  }
  responseStatus: Pick<Status, 'metadata' | 'status' | 'message' | 'reason' | 'code'>
  /** RFC 3339 with microseconds. */
  requestReceivedTimestamp: string
  stageTimestamp: string
  annotations?: Record<string, string>
}

/** A request that was answered with an error. */
export interface Refused {
  readonly request: {
    readonly method?: string | undefined
    readonly url?: string | undefined
    readonly headers: { readonly 'user-agent'?: string | undefined }
  }
  /** Where it came from. */
  readonly address: string | undefined
  /** Undefined when it never became known. */
  readonly caller: Caller | undefined
  readonly error: unknown
  /** Milliseconds since the epoch. */
  readonly receivedAt: number
  readonly now: number
}

/** The event of a request that was refused for who sent it; undefined for any other failure. */
export function deniedEvent({ request, ...refused }: Refused): AuditEvent | undefined {
  const { error, address, receivedAt, now } = refused
  if (!(error instanceof ApiError) || (error.code !== 401 && error.code !== 403)) return undefined
  const [pathname = '', search = ''] = (request.url ?? '/').split(/\?(.*)/s)
  const path = resourceAt(pathname)
  const caller = error instanceof NotAuthorized ? error.caller : refused.caller
  const { status, message, reason, code } = error.status
  const userAgent = request.headers['user-agent']
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    auditID: randomUUID(),
    stage: 'ResponseComplete',
    requestURI: request.url ?? '/',
    verb: verbOf(request.method ?? 'GET', path, new URLSearchParams(search)),
    user: caller ? userOf(caller.impersonator ?? caller) : {},
    ...(caller?.impersonator && { impersonatedUser: userOf(caller) }),
    sourceIPs: address === undefined ? [] : [address],
    ...(userAgent !== undefined && { userAgent }),
    ...(path && { objectRef: objectRefOf(path) }),
    responseStatus: {
      metadata: {},
      status,
      ...(message !== undefined && { message }),
      ...(reason !== undefined && { reason }),
      ...(code !== undefined && { code }),
    },
    requestReceivedTimestamp: microTime(receivedAt),
    stageTimestamp: microTime(now),
    ...(error instanceof NotAuthorized && { annotations: decisionOf(error) }),
  }
}

type NamedResource = ResourcePath & { plural: string }

/** What the path speaks of; undefined for what is no object, and for paths that cannot be read. */
function resourceAt(pathname: string): NamedResource | undefined {
  try {
    const path = parseResourcePath(pathname)
    return path?.plural === undefined ? undefined : { ...path, plural: path.plural }
  } catch {
    return undefined
  }
}

const VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

function verbOf(method: string, path: NamedResource | undefined, query: URLSearchParams): string {
  if (!path) return method.toLowerCase()
  if (method === 'DELETE' && path.name === undefined) return 'deletecollection'
  if (method !== 'GET' && method !== 'HEAD') return VERBS[method] ?? method.toLowerCase()
  if (path.watch || ['1', 'true'].includes(query.get('watch') ?? '')) return 'watch'
  return path.name === undefined ? 'list' : 'get'
}

function objectRefOf({ group, version, plural, namespace, name, subresource }: NamedResource) {
  return {
    resource: plural,
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
    ...(group !== '' && { apiGroup: group }),
    apiVersion: version,
    ...(subresource !== undefined && { subresource }),
  }
}

function userOf({ user, uid, groups, extra }: Omit<Caller, 'userAgent'>): AuditUser {
  return { username: user, ...(uid !== undefined && { uid }), groups, ...(extra && { extra }) }
}

function decisionOf({ why }: NotAuthorized): Record<string, string> {
  return { 'authorization.k8s.io/decision': 'forbid', 'authorization.k8s.io/reason': why }
}

/** metav1.MicroTime. */
function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z')
}
