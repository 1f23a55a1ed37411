// Who is asking: whoever the connection's certificate names, else whoever the bearer token belongs to, else nobody known.
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { unauthorized } from '../../../shared/status.ts'
import type { Authenticator, Identity } from '../access/authenticate.ts'
import type { Incoming } from './exchange.ts'

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

/** @throws ApiError 401 for a credential that is nobody's; no credential at all is `system:anonymous`. */
export async function identify(
  { headers }: Incoming,
  peer: Peer,
  authenticate: Authenticator,
): Promise<Identity> {
  if (peer.identity) return peer.identity
  const token = /^Bearer\s+(\S+)\s*$/i.exec(headers.authorization ?? '')?.[1]
  if (token === undefined) return ANONYMOUS
  const identity = await authenticate(token)
  if (!identity) throw unauthorized()
  return identity
}
