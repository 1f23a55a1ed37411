// Acting as somebody else (apiserver/pkg/endpoints/filters/impersonation.go): `kubectl --as`, by headers, for whoever has
// the verb `impersonate` on each part of what they want to be.
import { IncomingMessage, type IncomingHttpHeaders } from 'node:http'
import type { Caller } from '../../../shared/operation.ts'
import { badRequest } from '../../../shared/status.ts'
import { authorize, type Attempt, type Judge } from './authorize.ts'

const USER = 'impersonate-user'
const GROUP = 'impersonate-group'
const UID = 'impersonate-uid'
const EXTRA = 'impersonate-extra-'
const AUTHENTICATION = 'authentication.k8s.io'
const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/

interface Wanted {
  user: string
  groups: string[]
  uid: string | undefined
  extra: Record<string, string[]>
}

interface Asking {
  headers: IncomingHttpHeaders
}

/**
 * Whom the request is to be taken for: the caller, unless it asks otherwise.
 * @throws ApiError 403 when the caller may not be them, 400 when no user is named
 */
export function impersonated(core: { judge: Judge }, request: Asking, caller: Caller): Caller {
  const wanted = wantedBy(request)
  if (!wanted) return caller
  for (const attempt of attemptsFor(wanted)) {
    authorize(core, caller, { ...attempt, verb: 'impersonate' })
  }
  const { user, uid, extra, groups } = wanted
  return {
    user,
    groups: completed(user, groups),
    userAgent: caller.userAgent,
    impersonator: caller,
    ...(uid !== undefined && { uid }),
    ...(Object.keys(extra).length > 0 && { extra }),
  }
}

function wantedBy(request: Asking): Wanted | undefined {
  const { headers } = request
  // `in` is all that most requests cost.
  if (!(USER in headers)) {
    for (const name in headers) {
      if (name.startsWith('impersonate-')) {
        throw badRequest('requested to impersonate without impersonating a user')
      }
    }
    return undefined
  }
  const values = valuesOf(request)
  const extra: Record<string, string[]> = {}
  for (const name of Object.keys(headers)) {
    if (name.startsWith(EXTRA)) extra[extraKey(name.slice(EXTRA.length))] = values(name)
  }
  return {
    user: values(USER)[0] ?? '',
    groups: values(GROUP),
    uid: values(UID)[0],
    extra,
  }
}

/** A header that comes more than once has several values, which node would join. */
function valuesOf(request: Asking): (name: string) => string[] {
  if (request instanceof IncomingMessage) return (name) => request.headersDistinct[name] ?? []
  return (name) => [request.headers[name] ?? []].flat()
}

function extraKey(encoded: string): string {
  try {
    return decodeURIComponent(encoded)
  } catch {
    return encoded
  }
}

function attemptsFor({ user, groups, uid, extra }: Wanted): Omit<Attempt, 'verb'>[] {
  const [, namespace, account] = SERVICE_ACCOUNT.exec(user) ?? []
  const kind = (plural: string, group = '') => ({ plural, group })
  return [
    account === undefined
      ? { kind: kind('users'), name: user }
      : { kind: kind('serviceaccounts'), namespace, name: account },
    ...groups.map((name) => ({ kind: kind('groups'), name })),
    ...(uid === undefined ? [] : [{ kind: kind('uids', AUTHENTICATION), name: uid }]),
    ...Object.entries(extra).flatMap(([subresource, values]) =>
      values.map((name) => ({ kind: kind('userextras', AUTHENTICATION), subresource, name })),
    ),
  ]
}

/** Groups that everybody has who is known, and those of a service account where none were asked for. */
function completed(user: string, asked: readonly string[]): string[] {
  const [, namespace] = SERVICE_ACCOUNT.exec(user) ?? []
  const groups = [...asked]
  if (namespace !== undefined && asked.length === 0) {
    groups.push('system:serviceaccounts', `system:serviceaccounts:${namespace}`)
  }
  const own = user === 'system:anonymous' ? 'system:unauthenticated' : 'system:authenticated'
  const said = groups.some((group) => /^system:(un)?authenticated$/.test(group))
  return said ? groups : [...groups, own]
}
