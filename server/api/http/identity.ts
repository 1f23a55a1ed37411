// Who is asking: whoever the connection's certificate names, else whoever the bearer token belongs to, else nobody known.
import type { IncomingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { Caller } from '../../../shared/operation.ts'
import { unauthorized } from '../../../shared/status.ts'
import type { Authenticator, Identity } from '../access/authenticate.ts'
import type { Judge } from '../access/authorize.ts'
import { impersonated } from '../access/impersonation.ts'
import type { Incoming } from './exchange.ts'
import { guard } from './guard.ts'

const AUTHENTICATED = 'system:authenticated'
const ANONYMOUS: Identity = { user: 'system:anonymous', groups: ['system:unauthenticated'] }

/** The other end of a connection. */
export interface Peer {
  readonly address: string | undefined
  /** Whom its certificate names, if it has one. */
  readonly identity: Identity | undefined
}

export function peerOf(socket: Socket): Peer {
  return { address: socket.remoteAddress, identity: certificateIdentity(socket) }
}

/**
 * Whom a certificate of the cluster's authority names: CN is the user, each O a group
 * (apiserver/pkg/authentication/request/x509).
 */
function certificateIdentity(socket: Socket): Identity | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined
  const { subject, fingerprint256, ext_key_usage: usages = [] } = socket.getPeerCertificate()
  // A server's certificate is nobody's pass.
  if (!subject?.CN || !usages.includes(CLIENT_AUTH)) return undefined
  const user = [subject.CN].flat()[0] ?? ''
  const organizations = subject.O === undefined ? [] : [subject.O].flat()
  const id = `X509SHA256=${fingerprint256.replaceAll(':', '').toLowerCase()}`
  return {
    user,
    groups: [...new Set([...organizations, AUTHENTICATED])],
    extra: { 'authentication.kubernetes.io/credential-id': [id] },
  }
}

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2'

/** What the fields of a head say of their sender. */
interface Sender {
  readonly token: string | undefined
  /** Whom they were last taken for, when they asked to be nobody else. */
  as?: { identity: Identity; caller: Caller }
}

/** A connection repeats its fields, so they are looked at once; who they are is asked every time. */
const senders = new WeakMap<IncomingHttpHeaders, Sender>()

function senderOf(request: Incoming): Sender {
  const { headers } = request
  const known = senders.get(headers)
  if (known) return known
  guard(request)
  const token = /^Bearer\s+(\S+)\s*$/i.exec(headers.authorization ?? '')?.[1]
  const sender: Sender = { token }
  senders.set(headers, sender)
  return sender
}

/**
 * Who asks; at once unless a credential must be verified first. No credential at all is `system:anonymous`.
 * @throws ApiError 401 for a credential that is nobody's, 403 for whoever may not knock here or not act as another
 */
export function callerOf(
  core: { judge: Judge },
  request: Incoming,
  peer: Peer,
  authenticate: Authenticator,
): Caller | Promise<Caller> {
  const sender = senderOf(request)
  const { token } = sender
  const identity = peer.identity ?? (token === undefined ? ANONYMOUS : authenticate(token))
  if (!(identity instanceof Promise)) return actingAs(core, request, sender, identity)
  return identity.then((verified) => actingAs(core, request, sender, verified))
}

function actingAs(
  core: { judge: Judge },
  request: Incoming,
  sender: Sender,
  identity: Identity | undefined,
): Caller {
  if (!identity) throw unauthorized()
  if (sender.as?.identity === identity) return sender.as.caller
  const caller = { ...identity, userAgent: request.headers['user-agent'] ?? '' }
  const acting = impersonated(core, request, caller)
  if (acting === caller) sender.as = { identity, caller }
  return acting
}
