// When a certificate's request has been there for long enough (pkg/controller/certificates/cleaner).
import { X509Certificate } from 'node:crypto'
import {
  trueCondition,
  type CertificateSigningRequest,
} from '../../shared/kubernetes/certificates.ts'

const HOUR_MS = 3_600_000
/** Decided or not, somebody has had the time to see what became of it. */
const DECIDED_MS = HOUR_MS
const PENDING_MS = 24 * HOUR_MS

/** When the request is to be removed, in ms since epoch: an hour after what was decided last, or with its certificate. */
export function removalOf(request: CertificateSigningRequest): number {
  const { status, metadata } = request
  const at = (time: string | undefined): number => Date.parse(time ?? '') || 0
  const due = ['Approved', 'Denied', 'Failed'].flatMap((type) => {
    const condition = trueCondition(request, type)
    return condition ? [at(condition.lastUpdateTime) + DECIDED_MS] : []
  })
  if (due.length === 0) return at(metadata.creationTimestamp) + PENDING_MS
  return Math.min(...due, endOf(status?.certificate))
}

/** When a certificate (PEM in base64) ends; never, for what cannot be read. */
function endOf(certificate: string | undefined): number {
  if (!certificate) return Infinity
  try {
    return Date.parse(new X509Certificate(Buffer.from(certificate, 'base64')).validTo)
  } catch {
    return Infinity
  }
}
