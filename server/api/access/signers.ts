// Who may have which certificate: requests that nobody may send, and who may approve and sign for a signer
// (plugin/pkg/admission/certificates).
import {
  CLIENT_SIGNER,
  type CertificateSigningRequest,
} from '../../../shared/kubernetes/certificates.ts'
import { certificateSigningRequests } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { Caller } from '../../../shared/operation.ts'
import { forbidden } from '../../../shared/status.ts'
import { sameJson } from '../values.ts'
import { ADMINISTRATORS, decide, type Judge } from './authorize.ts'
import { readCertificateRequest } from './certificate-request.ts'

const kind = certificateSigningRequests

/**
 * A request may be about to be created: nobody becomes an administrator by certificate.
 * @throws ApiError 403
 */
export function confirmRequest(request: KubeObject): void {
  const { spec, metadata } = request as CertificateSigningRequest
  if (spec?.signerName !== CLIENT_SIGNER) return
  if (!organizationsOf(spec.request ?? '').includes(ADMINISTRATORS)) return
  const why = `use of ${CLIENT_SIGNER} signer with ${ADMINISTRATORS} group is not allowed`
  throw forbidden(kind, metadata.name ?? '', why)
}

/** None of a request that cannot be read: its validation says what is wrong with it. */
function organizationsOf(request: string): readonly string[] {
  try {
    return readCertificateRequest(request).organizations
  } catch {
    return []
  }
}

/**
 * A request's approval or status is about to be written.
 * @throws ApiError 403 unless the caller may approve, or sign, for its signer
 */
export function confirmSigner(
  judge: Judge,
  caller: Caller,
  next: KubeObject,
  old: KubeObject,
  subresource: string | undefined,
): void {
  const before = old as CertificateSigningRequest
  const after = next as CertificateSigningRequest
  const signs =
    subresource === 'status' &&
    (after.status?.certificate !== before.status?.certificate ||
      !sameJson(failures(after), failures(before)))
  if (subresource !== 'approval' && !signs) return
  const verb = signs ? 'sign' : 'approve'
  const { signerName } = before.spec
  if (mayAct(judge, caller, verb, signerName)) return
  const why = `user not permitted to ${verb} requests with signerName ${JSON.stringify(signerName)}`
  throw forbidden(kind, before.metadata.name ?? '', why)
}

const failures = ({ status }: CertificateSigningRequest) =>
  (status?.conditions ?? []).filter(({ type }) => type === 'Failed')

/** For the signer itself, or for all signers of its domain. */
function mayAct(
  { policy }: Judge,
  caller: Caller,
  verb: 'approve' | 'sign',
  signer: string,
): boolean {
  return [signer, `${signer.split('/')[0]}/*`].some((name) => {
    const request = { verb, group: kind.group, resource: 'signers', name, namespace: undefined }
    return decide(policy, caller, request).allowed
  })
}
