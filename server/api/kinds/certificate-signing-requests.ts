// CertificateSigningRequests: what is asked for never changes; its approval and its certificate are written through
// subresources of their own (pkg/registry/certificates, pkg/apis/certificates/validation, pkg/printers).
import { X509Certificate } from 'node:crypto'
import {
  trueCondition,
  type CertificateRequestCondition,
  type CertificateSigningRequest,
  type CertificateSigningRequestSpec,
} from '../../../shared/kubernetes/certificates.ts'
import { certificateSigningRequests } from '../../../shared/kubernetes/kinds.ts'
import type { StatusCause } from '../../../shared/status.ts'
import { readCertificateRequest } from '../access/certificate-request.ts'
import { USAGES } from '../access/signing.ts'
import { timestamp } from '../core.ts'
import { duplicate, forbidden, invalid, notSupported, required, tooLong } from './rules/causes.ts'
import { follows, nameFollows, same } from './rules/fields.ts'
import { pathSegment, subdomain } from './rules/names.ts'
import { ageColumn, humanDuration, nameColumn, NONE, text } from './rules/print.ts'
import type { Strategy } from './strategy.ts'

const SHORTEST_SECONDS = 600
/** A domain, a slash and a name of objects of a namespace. */
const LONGEST_SIGNER = 571
const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown'
const DECISIONS = ['Approved', 'Denied']
const FINAL = [...DECISIONS, 'Failed']

/** Who sends it is put in by the API, so that nobody asks in another's name. */
type Requester = Pick<CertificateSigningRequestSpec, 'username' | 'uid' | 'groups' | 'extra'>

function signerCauses(signer: string): StatusCause[] {
  const at = 'spec.signerName'
  if (signer === '') return [required(at)]
  if (signer === LEGACY_SIGNER) {
    return [invalid(at, signer, 'the legacy signerName is not allowed via this API version')]
  }
  const [domain = '', path = '', ...more] = signer.split('/')
  if (!signer.includes('/') || more.length > 0) {
    const why = "must be a fully qualified domain and path of the form 'example.com/signer-name'"
    return [invalid(at, signer, why)]
  }
  const causes = [...follows(subdomain, at, domain), ...follows(subdomain, at, path)]
  if (!domain.includes('.')) {
    causes.push(
      invalid(at, domain, 'should be a domain with at least two segments separated by dots'),
    )
  }
  if (signer.length > LONGEST_SIGNER) causes.push(tooLong(at, LONGEST_SIGNER))
  return causes
}

function usageCauses(usages: readonly string[]): StatusCause[] {
  if (usages.length === 0) return [required('spec.usages')]
  return usages.flatMap((usage, i) => {
    const at = `spec.usages[${i}]`
    return [
      ...(USAGES.includes(usage) ? [] : [notSupported(at, usage, USAGES)]),
      ...(usages.indexOf(usage) < i ? [duplicate(at, usage)] : []),
    ]
  })
}

function requestCauses(request: string): StatusCause[] {
  try {
    readCertificateRequest(request)
    return []
  } catch (error) {
    return [invalid('spec.request', request, (error as Error).message)]
  }
}

/** What was sent may lack any of it. */
function specCauses(spec: Partial<CertificateSigningRequestSpec>): StatusCause[] {
  const { request = '', usages = [], signerName = '', expirationSeconds } = spec
  const causes = [...requestCauses(request), ...usageCauses(usages), ...signerCauses(signerName)]
  if (expirationSeconds !== undefined && expirationSeconds < SHORTEST_SECONDS) {
    const why = 'may not specify a duration less than 600 seconds (10 minutes)'
    causes.push(invalid('spec.expirationSeconds', expirationSeconds, why))
  }
  return causes
}

function conditionCauses(
  conditions: readonly Partial<CertificateRequestCondition>[],
): StatusCause[] {
  return conditions.flatMap(({ type = '', status = '' }, i) => {
    const at = `status.conditions[${i}]`
    const before = conditions.slice(0, i).map((each) => each.type ?? '')
    const allowed = FINAL.includes(type) ? ['True'] : ['False', 'True', 'Unknown']
    const causes = type === '' ? [required(`${at}.type`)] : []
    if (status === '') causes.push(required(`${at}.status`))
    else if (!allowed.includes(status)) causes.push(notSupported(`${at}.status`, status, allowed))
    if (
      DECISIONS.includes(type) &&
      before.some((other) => other !== type && DECISIONS.includes(other))
    ) {
      const why = 'Approved and Denied conditions are mutually exclusive'
      causes.push(invalid(`${at}.type`, type, why))
    }
    if (before.includes(type)) causes.push(duplicate(`${at}.type`, type))
    return causes
  })
}

/** What is wrong with certificates in PEM. */
function certificateComplaint(pem: string): string | undefined {
  const types = [...pem.matchAll(/-----BEGIN ([^-]+)-----/g)].map(([, type]) => type)
  const other = types.find((type) => type !== 'CERTIFICATE')
  if (other !== undefined) {
    return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(other)}`
  }
  if (types.length === 0) return 'must contain at least one CERTIFICATE PEM block'
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  try {
    const certificates = blocks.map((block) => new X509Certificate(block))
    return certificates.length < types.length ? 'x509: malformed certificate' : undefined
  } catch {
    return 'x509: malformed certificate'
  }
}

function certificateCauses(
  { status: next }: CertificateSigningRequest,
  { status: old }: CertificateSigningRequest,
  subresource: string,
): StatusCause[] {
  const at = 'status.certificate'
  const certificate = next?.certificate ?? ''
  const before = old?.certificate ?? ''
  if (certificate === before) return []
  if (subresource !== 'status') return [forbidden(at, 'updates may not set certificate content')]
  if (before !== '') return [forbidden(at, 'updates may not modify existing certificate content')]
  const why = certificateComplaint(Buffer.from(certificate, 'base64').toString('latin1'))
  return why === undefined ? [] : [invalid(at, '<certificate data>', why)]
}

const conditionsOf = ({ status }: CertificateSigningRequest, type: string) =>
  (status?.conditions ?? []).filter((each) => each.type === type)

/** What was decided stays; only an approval decides. */
function decisionCauses(
  next: CertificateSigningRequest,
  old: CertificateSigningRequest,
  subresource: string,
): StatusCause[] {
  return FINAL.flatMap((type) => {
    const [now, before] = [conditionsOf(next, type), conditionsOf(old, type)]
    const said = (what: string) =>
      forbidden(
        'status.conditions',
        `updates may not ${what} a condition of type ${JSON.stringify(type)}`,
      )
    if (now.length < before.length) return [said('remove')]
    if (subresource === 'approval' || !DECISIONS.includes(type)) return []
    if (now.length > before.length) return [said('add')]
    return same(now, before) ? [] : [said('modify')]
  })
}

/** Conditions say when they were written, and since when they hold. */
function stampConditions(
  next: CertificateSigningRequest,
  old: CertificateSigningRequest,
  now: string,
): void {
  for (const condition of next.status?.conditions ?? []) {
    condition.lastUpdateTime ||= now
    const same = conditionsOf(old, condition.type).find(({ status }) => status === condition.status)
    condition.lastTransitionTime ||= same?.lastTransitionTime || now
  }
}

function conditionText(request: CertificateSigningRequest): string {
  const has = (type: string) => trueCondition(request, type) !== undefined
  const decided = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending'
  const failed = has('Failed') ? ',Failed' : ''
  return `${decided}${failed}${request.status?.certificate ? ',Issued' : ''}`
}

export const certificateSigningRequestStrategy: Strategy<CertificateSigningRequest> = {
  kind: certificateSigningRequests,
  subresources: ['status', 'approval'],
  hasGeneration: false,
  fields: { 'spec.signerName': ({ spec }) => spec?.signerName ?? '' },
  columns: [
    nameColumn,
    ageColumn,
    text('SignerName', ({ spec }) => spec?.signerName ?? ''),
    text('Requestor', ({ spec }) => spec?.username ?? ''),
    text('RequestedDuration', ({ spec }) =>
      spec?.expirationSeconds === undefined ? NONE : humanDuration(spec.expirationSeconds * 1000),
    ),
    text('Condition', conditionText),
  ],
  stamp(request, { user, uid, groups, extra }) {
    if (!request.spec) return
    const { username: _, uid: __, groups: ___, extra: ____, ...asked } = request.spec
    const requester: Requester = {
      username: user,
      groups: [...groups],
      ...(uid !== undefined && { uid }),
      ...(extra && { extra: structuredClone(extra) as Record<string, string[]> }),
    }
    request.spec = { ...asked, ...requester }
  },
  prepareForCreate(request) {
    request.spec ??= { request: '', signerName: '' }
    request.status = {}
  },
  prepareForUpdate(request, old) {
    request.spec = structuredClone(old.spec)
  },
  validate: (request) => nameFollows(pathSegment, request),
  validateCreate: ({ spec }) => specCauses(spec),
  statusWrite(next, old, subresource, context) {
    next.status ??= {}
    if (subresource === 'approval') {
      const { certificate: _, ...rest } = next.status
      const { certificate } = old.status ?? {}
      next.status = certificate === undefined ? rest : { ...rest, certificate }
    }
    stampConditions(next, old, timestamp(context.now()))
    return [
      ...conditionCauses(next.status.conditions ?? []),
      ...decisionCauses(next, old, subresource),
      ...certificateCauses(next, old, subresource),
    ]
  },
}
