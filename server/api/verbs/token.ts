// serviceaccounts/token (authentication.k8s.io/v1 TokenRequest): a token that says who a pod is.
import type { TokenRequest } from '../../../shared/kubernetes/cluster.ts'
import { pods, secrets, nodes, type Kind } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import { conflict, invalid, notFound } from '../../../shared/status.ts'
import { ISSUER, type TokenSubject } from '../access/tokens.ts'
import { timestamp, type Core } from '../core.ts'
import { storeKey } from '../keys.ts'
import type { CreateBelow } from './below.ts'
import { decode } from './decode.ts'
import { entryOf } from './get.ts'

const tokenRequests: Kind<TokenRequest> = {
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenRequest',
  plural: 'tokenrequests',
  singular: 'tokenrequest',
  shortNames: [],
  namespaced: true,
}

const DEFAULT_SECONDS = 3600
const MIN_SECONDS = 600
const MAX_SECONDS = 2 ** 32

const BINDABLE = { Pod: pods, Secret: secrets, Node: nodes } as const

export const requestToken: CreateBelow = async (core, strategy, key, object, options) => {
  const request = decode(core, tokenRequests, object, options, []) as TokenRequest
  const account = entryOf(core, strategy, key).value as KubeObject
  const seconds = lifetime(key.name, request)
  const audiences = request.spec?.audiences?.length ? request.spec.audiences : [ISSUER]
  const { token, expiresAt } = await core.tokens.issue(
    {
      namespace: key.namespace ?? '',
      serviceAccount: { name: key.name, uid: account.metadata.uid ?? '' },
      boundTo: boundObject(core, key.namespace, request.spec?.boundObjectRef),
    },
    { seconds, audiences },
  )
  const { kind, apiVersion } = request
  const { name, namespace, creationTimestamp } = {
    ...key,
    creationTimestamp: timestamp(core.clock.now()),
  }
  const answer: TokenRequest = {
    ...(kind && { kind }),
    ...(apiVersion && { apiVersion }),
    metadata: { name, ...(namespace && { namespace }), creationTimestamp },
    spec: { ...request.spec, audiences, expirationSeconds: seconds },
    status: { token, expirationTimestamp: timestamp(expiresAt) },
  }
  return answer
}

function lifetime(name: string, request: TokenRequest): number {
  const seconds = request.spec?.expirationSeconds ?? DEFAULT_SECONDS
  if (seconds >= MIN_SECONDS && seconds <= MAX_SECONDS) return seconds
  const why =
    seconds < MIN_SECONDS
      ? 'may not specify a duration less than 10 minutes'
      : 'may not specify a duration larger than 2^32 seconds'
  throw invalid({ kind: 'TokenRequest', group: tokenRequests.group }, name, [
    {
      reason: 'FieldValueInvalid',
      message: `Invalid value: ${seconds}: ${why}`,
      field: 'spec.expirationSeconds',
    },
  ])
}

/** The object a token shall die with must be there. */
function boundObject(
  core: Core,
  namespace: string | undefined,
  ref: NonNullable<TokenRequest['spec']>['boundObjectRef'],
): TokenSubject['boundTo'] {
  if (!ref) return undefined
  const boundKind = ref.kind as keyof typeof BINDABLE
  if (!Object.hasOwn(BINDABLE, boundKind)) {
    throw invalid({ kind: 'TokenRequest', group: tokenRequests.group }, ref.name ?? '', [
      {
        reason: 'FieldValueNotSupported',
        message: `Unsupported value: ${JSON.stringify(ref.kind)}: supported values: "Pod", "Secret", "Node"`,
        field: 'spec.boundObjectRef.kind',
      },
    ])
  }
  const kind: Kind = BINDABLE[boundKind]
  const name = ref.name ?? ''
  const entry = core.store.get(storeKey(kind, { namespace, name }))
  if (!entry) throw notFound(kind, name)
  const { uid = '' } = (entry.value as KubeObject).metadata
  if (ref.uid && ref.uid !== uid) {
    throw conflict(
      kind,
      name,
      `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    )
  }
  return { kind: boundKind, name, uid }
}
