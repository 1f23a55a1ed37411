// Who is asking, by the bearer token of the request.
import { timingSafeEqual } from 'node:crypto'
import { pods, serviceAccounts, type Kind } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { Caller } from '../../../shared/operation.ts'
import type { Store } from '../../store/store.ts'
import { storeKey } from '../keys.ts'
import { ADMINISTRATORS } from './authorize.ts'
import type { ServiceAccountTokens, TokenSubject } from './tokens.ts'

export type Identity = Pick<Caller, 'user' | 'groups' | 'uid' | 'extra'>

type Whose = Identity | undefined

/** Whose token this is; undefined when it is nobody's. Says so at once where nothing is left to verify. */
export type Authenticator = (token: string) => Whose | Promise<Whose>

/** Verified tokens remembered at most; a verification costs a signature check. */
const REMEMBERED = 10_000
const REMEMBER_MS = 10_000

export function createAuthenticator(options: {
  adminToken: string
  tokens: ServiceAccountTokens
  store: Store
  now: () => number
}): Authenticator {
  const admin = Buffer.from(options.adminToken)
  const remembered = new Map<string, Verified>()
  const whose = ({ subject, identity }: Verified): Whose =>
    stands(options.store, subject) ? identity : undefined
  const verify = async (token: string): Promise<Whose> => {
    const subject = await options.tokens.verify(token)
    if (!subject) return undefined
    if (remembered.size >= REMEMBERED) remembered.clear()
    const until = options.now() + REMEMBER_MS
    const verified = { subject, identity: identityOf(subject), until }
    remembered.set(token, verified)
    return whose(verified)
  }
  return (token) => {
    // How long the token is, is no secret; comparing takes one time whatever stands in it.
    const sent = Buffer.from(token)
    if (sent.length === admin.length && timingSafeEqual(sent, admin)) return ADMINISTRATOR
    const held = remembered.get(token)
    if (held && held.until > options.now()) return whose(held)
    remembered.delete(token)
    return verify(token)
  }
}

interface Verified {
  subject: TokenSubject
  identity: Identity
  until: number
}

const ADMINISTRATOR: Identity = {
  user: 'kubernetes-admin',
  groups: [ADMINISTRATORS, 'system:authenticated'],
}

function identityOf({ namespace, serviceAccount, boundTo }: TokenSubject): Identity {
  const extra = boundTo?.kind === 'Pod' && {
    'authentication.kubernetes.io/pod-name': [boundTo.name],
    'authentication.kubernetes.io/pod-uid': [boundTo.uid],
  }
  return {
    uid: serviceAccount.uid,
    ...(extra && { extra }),
    user: `system:serviceaccount:${namespace}:${serviceAccount.name}`,
    groups: [
      'system:serviceaccounts',
      `system:serviceaccounts:${namespace}`,
      'system:authenticated',
    ],
  }
}

/** A token dies with its service account, and with the pod it is bound to. */
function stands(store: Store, { namespace, serviceAccount, boundTo }: TokenSubject): boolean {
  const is = (kind: Kind, { name, uid }: { name: string; uid: string }): boolean => {
    const entry = store.get(storeKey(kind, { namespace, name }))
    return (entry?.value as KubeObject | undefined)?.metadata.uid === uid
  }
  return is(serviceAccounts, serviceAccount) && (boundTo?.kind !== 'Pod' || is(pods, boundTo))
}
