// Who am I, and whose token is this? (authentication.k8s.io/v1)
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { Caller } from '../../../shared/operation.ts'
import { badRequest } from '../../../shared/status.ts'
import { ISSUER } from '../access/tokens.ts'
import type { Asked } from '../kinds/strategy.ts'

type Somebody = Pick<Caller, 'user' | 'groups' | 'uid' | 'extra'>

function userInfo({ user, groups, uid, extra }: Somebody): object {
  return { username: user, ...(uid && { uid }), groups, ...(extra && { extra }) }
}

/** `kubectl auth whoami`. */
export async function selfReview(review: KubeObject, { caller, now }: Asked): Promise<KubeObject> {
  const { metadata, ...rest } = review
  const creationTimestamp = now()
  const status = { userInfo: userInfo(caller) }
  return { ...rest, metadata: { ...metadata, creationTimestamp }, status } as KubeObject
}

interface TokenReview extends KubeObject {
  spec?: { token?: string; audiences?: string[] }
}

/** Of tokens for this API: a token for somebody else only is nobody's here. */
export async function tokenReview(review: TokenReview, asked: Asked): Promise<KubeObject> {
  const { token = '', audiences = [] } = review.spec ?? {}
  if (token === '') throw badRequest('token is required for TokenReview in authentication')
  const whose = await asked.whose(token)
  const ours = audiences.length === 0 || audiences.includes(ISSUER)
  const status =
    whose && ours
      ? { authenticated: true, user: userInfo(whose), audiences: [ISSUER] }
      : { user: {}, error: 'invalid bearer token' }
  return { ...review, status } as KubeObject
}
