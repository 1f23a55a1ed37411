// Certificates: approved requests are signed, and old requests removed (pkg/controller/certificates).
import type {
  CertificateSigner,
  CertificateSigningRequest,
} from '../../shared/kubernetes/certificates.ts'
import { trueCondition } from '../../shared/kubernetes/certificates.ts'
import { certificateSigningRequests } from '../../shared/kubernetes/kinds.ts'
import type { ReconcileResult } from '../machinery/controller.ts'
import { startController } from '../machinery/controller.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import { removalOf } from './certificate-plan.ts'
import { ignoreNotFound } from './objects.ts'
import { timeText } from '../machinery/clock.ts'

/** Starts the certificate controller; `sign` is the cluster's authority. */
export function startCertificates(deps: RoomDeps, sign: CertificateSigner): Running {
  const { client, clock } = deps
  const requests = deps.informers.of(certificateSigningRequests)
  const write = async (
    request: CertificateSigningRequest,
    status: CertificateSigningRequest['status'],
  ): Promise<void> => {
    const next = { ...request, status: { ...request.status, ...status } }
    await client.update(certificateSigningRequests, next, { subresource: 'status' })
  }
  const reconcile = async (key: string): Promise<ReconcileResult> => {
    const request = requests.get(key)
    if (!request || request.metadata.deletionTimestamp !== undefined) return
    const now = clock.now()
    const againInMs = removalOf(request) - now
    if (againInMs <= 0) {
      const { name = '', uid } = request.metadata
      const only = uid === undefined ? {} : { preconditions: { uid } }
      await client.delete(certificateSigningRequests, { name }, only).catch(ignoreNotFound)
      return
    }
    if (isToBeSigned(request)) {
      const signature = await sign(request.spec)
      if (signature && 'certificate' in signature) {
        await write(request, { certificate: Buffer.from(signature.certificate).toString('base64') })
      } else if (signature) {
        await write(request, { conditions: withFailure(request, signature.refused, now) })
      }
    }
    return { againInMs }
  }
  return startController(deps, {
    name: 'certificate-controller',
    for: certificateSigningRequests,
    reconcile,
  })
}

function isToBeSigned(request: CertificateSigningRequest): boolean {
  const has = (type: string): boolean => trueCondition(request, type) !== undefined
  return has('Approved') && !has('Denied') && !has('Failed') && !request.status?.certificate
}

function withFailure({ status }: CertificateSigningRequest, message: string, now: number) {
  const failure = {
    type: 'Failed',
    status: 'True',
    reason: 'SignerValidationFailure',
    message,
    lastUpdateTime: timeText(now),
  }
  return [...(status?.conditions ?? []), failure]
}
