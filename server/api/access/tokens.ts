// Service-account tokens: signed statements about who a pod is (ES256 JWTs with the claims of Kubernetes' bound tokens).
import { createPrivateKey, createPublicKey, randomUUID } from 'node:crypto'
import { jwtVerify, SignJWT } from 'jose'

export interface TokenSubject {
  namespace: string
  serviceAccount: { name: string; uid: string }
  /** The token dies with this object. */
  boundTo?: { kind: 'Pod' | 'Secret' | 'Node'; name: string; uid: string } | undefined
}

export interface ServiceAccountTokens {
  /** A token for the subject; `seconds` is how long it lives from now. */
  issue(
    subject: TokenSubject,
    options: { seconds: number; audiences: readonly string[] },
  ): Promise<{ token: string; expiresAt: number }>
  /** Whose token it is, or undefined when it is not ours, altered, expired or for another audience. */
  verify(token: string): Promise<TokenSubject | undefined>
}

/** Who issues, and whom tokens are for unless somebody else is asked for. */
export const ISSUER = 'https://kubernetes.default.svc.cluster.local'

/** Tokens signed with the EC P-256 private key in `keyPem`. */
export function createTokens(options: { keyPem: string; now: () => number }): ServiceAccountTokens {
  const privateKey = createPrivateKey(options.keyPem)
  const publicKey = createPublicKey(privateKey)
  return {
    async issue(subject, { seconds, audiences }) {
      const issuedAt = Math.floor(options.now() / 1000)
      const expiresAt = issuedAt + seconds
      const token = await new SignJWT({ 'kubernetes.io': claimsOf(subject) })
        .setProtectedHeader({ alg: 'ES256' })
        .setIssuer(ISSUER)
        .setSubject(`system:serviceaccount:${subject.namespace}:${subject.serviceAccount.name}`)
        .setAudience([...audiences])
        .setIssuedAt(issuedAt)
        .setNotBefore(issuedAt)
        .setExpirationTime(expiresAt)
        .setJti(randomUUID())
        .sign(privateKey)
      return { token, expiresAt: expiresAt * 1000 }
    },
    async verify(token) {
      const verified = await jwtVerify(token, publicKey, {
        issuer: ISSUER,
        audience: ISSUER,
        algorithms: ['ES256'],
        currentDate: new Date(options.now()),
      }).catch(() => undefined)
      return verified && subjectOf(verified.payload['kubernetes.io'])
    },
  }
}

interface Claims {
  namespace: string
  serviceaccount: { name: string; uid: string }
  pod?: { name: string; uid: string }
  secret?: { name: string; uid: string }
  node?: { name: string; uid: string }
}

function claimsOf({ namespace, serviceAccount, boundTo }: TokenSubject): Claims {
  const bound = boundTo && { name: boundTo.name, uid: boundTo.uid }
  return {
    namespace,
    serviceaccount: serviceAccount,
    ...(boundTo?.kind === 'Pod' && bound && { pod: bound }),
    ...(boundTo?.kind === 'Secret' && bound && { secret: bound }),
    ...(boundTo?.kind === 'Node' && bound && { node: bound }),
  }
}

/** The signature vouches for the shape. */
function subjectOf(payload: unknown): TokenSubject | undefined {
  if (typeof payload !== 'object' || payload === null) return undefined
  const { namespace, serviceaccount, pod, secret, node } = payload as Claims
  const boundTo =
    (pod && { kind: 'Pod' as const, ...pod }) ??
    (secret && { kind: 'Secret' as const, ...secret }) ??
    (node && { kind: 'Node' as const, ...node })
  return { namespace, serviceAccount: serviceaccount, boundTo }
}
