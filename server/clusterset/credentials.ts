// How two clusters of a set come into one another: each holds a kubeconfig of the other in a Secret, as multi-cluster tools
// do, and each gives the other an account of its own that may do no more than the set needs.
import { stringify } from 'yaml'
import type { KubeClient } from '../../shared/client.ts'
import type { Secret, TokenRequest } from '../../shared/kubernetes/cluster.ts'
import {
  clusterRoleBindings,
  clusterRoles,
  endpointSlices,
  leases,
  roleBindings,
  roles,
  secrets,
  serviceAccounts,
  services,
} from '../../shared/kubernetes/kinds.ts'
import type { Kind } from '../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../shared/kubernetes/meta.ts'
import {
  clusterProperties,
  PEER_LABEL,
  serviceExports,
} from '../../shared/kubernetes/multicluster.ts'
import type { PolicyRule } from '../../shared/kubernetes/rbac.ts'
import { RBAC_GROUP } from '../../shared/kubernetes/rbac.ts'
import { isAlreadyExists, isApiError, isNotFound } from '../../shared/status.ts'
import type { HttpClientOptions } from '../machinery/http-connection.ts'
import { connectionOf } from '../machinery/kubeconfig.ts'

export const NAMESPACE = 'kube-system'
const READER_ROLE = 'clusterset-peer'
/** A year: clusters of a set may not see each other for long. A new one is made when half of it is over. */
const TOKEN_SECONDS = 365 * 24 * 3600

/** Where this cluster answers, and who vouches for it. */
export interface OwnAccess {
  name: string
  server: string
  ca: string
}

/** The name of everything that concerns one other cluster. */
export const peerObject = (peer: string): { namespace: string; name: string } => ({
  namespace: NAMESPACE,
  name: `clusterset-${peer}`,
})

/** The other cluster that a Secret is about; undefined when it is about something else. */
export function peerOf({ metadata }: KubeObject): string | undefined {
  const name = metadata.labels?.[PEER_LABEL]
  const { namespace, name: own } = metadata
  return namespace === NAMESPACE && name && own === peerObject(name).name ? name : undefined
}

/** The Secret that makes `peer` a member of this cluster's set. */
export function membershipSecret(peer: string, connection: HttpClientOptions): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { ...peerObject(peer), labels: { [PEER_LABEL]: peer } },
    type: 'Opaque',
    data: { kubeconfig: Buffer.from(kubeconfigText(connection)).toString('base64') },
  }
}

/** The kubeconfig in a Secret; '' when it has none. */
export function kubeconfigIn({ data }: Secret): string {
  return Buffer.from(data?.['kubeconfig'] ?? '', 'base64').toString()
}

function kubeconfigText({ server, ca, token, clientCert, ...more }: HttpClientOptions): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  const name = 'clusterset'
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name,
        cluster: {
          server,
          ...(ca && { 'certificate-authority-data': base64(ca) }),
          ...(more.insecureSkipTlsVerify && { 'insecure-skip-tls-verify': true }),
        },
      },
    ],
    users: [
      {
        name,
        user: {
          ...(token && { token }),
          ...(clientCert && {
            'client-certificate-data': base64(clientCert.cert),
            'client-key-data': base64(clientCert.key),
          }),
        },
      },
    ],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  })
}

const rule = (kind: Kind, verbs: string[], ...resourceNames: string[]): PolicyRule => ({
  apiGroups: [kind.group],
  resources: [kind.plural],
  verbs,
  ...(resourceNames.length > 0 && { resourceNames }),
})
const READ = ['get', 'list', 'watch']

/** What lets `peer` in: it reads what is exported, says up to where it follows, and keeps its own address up to date. */
function accessObjects(peer: string): [Kind, KubeObject][] {
  const at = peerObject(peer)
  const { name } = at
  const labels = { [PEER_LABEL]: peer }
  const subjects = [{ kind: 'ServiceAccount', ...at }]
  const own = { metadata: { ...at, labels } }
  const roleRef = (kind: string, role: string) => ({ apiGroup: RBAC_GROUP, kind, name: role })
  return [
    [
      clusterRoles,
      {
        metadata: { name: READER_ROLE },
        rules: [services, serviceExports, endpointSlices, clusterProperties].map((kind) =>
          rule(kind, READ),
        ),
      } as KubeObject,
    ],
    [serviceAccounts, own],
    [
      clusterRoleBindings,
      {
        metadata: { name, labels },
        subjects,
        roleRef: roleRef('ClusterRole', READER_ROLE),
      } as KubeObject,
    ],
    [
      roles,
      {
        ...own,
        rules: [
          rule(secrets, ['get', 'patch', 'delete'], name),
          rule(leases, ['get', 'patch'], name),
        ],
      } as KubeObject,
    ],
    [roleBindings, { ...own, subjects, roleRef: roleRef('Role', name) } as KubeObject],
    [leases, { ...own, spec: { holderIdentity: peer } } as KubeObject],
  ]
}

/** Makes what lets `peer` in, as far as it is not there. */
export async function grantAccess(client: KubeClient, peer: string): Promise<void> {
  for (const [kind, object] of accessObjects(peer)) {
    await client.create(kind, object).catch((error: unknown) => {
      if (!isAlreadyExists(error)) throw error
    })
  }
}

/** Takes back what lets `peer` in; its account and with it its token go first. */
export async function revokeAccess(client: KubeClient, peer: string): Promise<void> {
  for (const [kind, { metadata }] of accessObjects(peer)) {
    const { namespace, name = '' } = metadata
    if (name === READER_ROLE) continue
    await client.delete(kind, { namespace, name }).catch((error: unknown) => {
      if (!isNotFound(error)) throw error
    })
  }
}

/**
 * Makes this cluster known to `peer`, or tells it where this cluster answers now. A peer whose credentials do not allow
 * that is read from all the same, and learns nothing of this cluster.
 * @param remote a client of the peer
 */
export async function introduce(
  client: KubeClient,
  remote: KubeClient,
  { own, peer, now }: { own: OwnAccess; peer: string; now: number },
): Promise<void> {
  const held = await remote.get(secrets, peerObject(own.name)).catch((error: unknown) => {
    if (isNotFound(error) || isForbidden(error)) return undefined
    throw error
  })
  const account = await client.get(serviceAccounts, peerObject(peer))
  if (held && knowsUs(held, own, account.metadata.uid, now)) return
  const { token } = await requestToken(client, peer)
  const { server, ca } = own
  const { metadata, data, ...rest } = membershipSecret(own.name, { server, ca, token })
  try {
    if (held) {
      const patch = { metadata: { labels: metadata.labels }, data }
      await remote.patch(secrets, peerObject(own.name), patch, { type: 'merge' })
    } else await remote.create(secrets, { ...rest, metadata, data } as Secret)
  } catch (error) {
    if (!isForbidden(error) && !isNotFound(error) && !isAlreadyExists(error)) throw error
  }
}

const isForbidden = (error: unknown): boolean => isApiError(error, 'Forbidden')

async function requestToken(client: KubeClient, peer: string): Promise<{ token: string }> {
  const request: TokenRequest = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    metadata: peerObject(peer),
    spec: { expirationSeconds: TOKEN_SECONDS },
  }
  const answer = await client.create(serviceAccounts, request, { subresource: 'token' })
  return { token: answer.status?.token ?? '' }
}

/** Whether what the peer holds leads here, with the account that is its own, for long enough. */
function knowsUs(held: Secret, own: OwnAccess, account: string | undefined, now: number): boolean {
  try {
    const { server, ca, token = '' } = connectionOf(kubeconfigIn(held)).connection
    const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()
    const claims = JSON.parse(payload) as Claims
    const lasts = (claims.exp ?? 0) * 1000 - now > (TOKEN_SECONDS / 2) * 1000
    const same = claims['kubernetes.io']?.serviceaccount?.uid === account
    return server === own.server && ca === own.ca && same && lasts
  } catch {
    // No kubeconfig, or none with such a token: an administrator's, before the first introduction.
    return false
  }
}

interface Claims {
  exp?: number
  'kubernetes.io'?: { serviceaccount?: { uid?: string } }
}
