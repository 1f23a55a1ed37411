// Certificates for those who ask: which requests each of Kubernetes' signers takes, and what it makes of them
// (pkg/controller/certificates: signer/signer.go, authority/policies.go; pkg/apis/certificates/helpers.go).
import 'reflect-metadata'
import { randomBytes, type webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import {
  CLIENT_SIGNER,
  KUBELET_CLIENT_SIGNER,
  KUBELET_SERVING_SIGNER,
  type CertificateSigner,
  type CertificateSigningRequestSpec,
} from '../../../shared/kubernetes/certificates.ts'
import {
  alternativeNames,
  readCertificateRequest,
  type CertificateRequest,
} from './certificate-request.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** --cluster-signing-duration: nobody gets more. */
const LONGEST_MS = 365 * 24 * HOUR_MS
const SHORTEST_MS = 10 * MINUTE_MS
/** Clocks differ: a certificate holds since a little while ago. */
const BACKDATE_MS = 5 * MINUTE_MS
/** One that holds for less than this gets all of its time from now on. */
const SHORT_MS = 8 * HOUR_MS

const { KeyUsageFlags: flags, ExtendedKeyUsage: extended } = x509

/** Usages as requests name them (pkg/apis/certificates/types.go), and what stands in the certificate. */
const KEY_USAGES: Readonly<Record<string, x509.KeyUsageFlags>> = {
  signing: flags.digitalSignature,
  'digital signature': flags.digitalSignature,
  'content commitment': flags.nonRepudiation,
  'key encipherment': flags.keyEncipherment,
  'key agreement': flags.keyAgreement,
  'data encipherment': flags.dataEncipherment,
  'cert sign': flags.keyCertSign,
  'crl sign': flags.cRLSign,
  'encipher only': flags.encipherOnly,
  'decipher only': flags.decipherOnly,
}

const EXTENDED_USAGES: Readonly<Record<string, string>> = {
  any: '2.5.29.37.0',
  'server auth': extended.serverAuth,
  'client auth': extended.clientAuth,
  'code signing': extended.codeSigning,
  'email protection': extended.emailProtection,
  's/mime': extended.emailProtection,
  'ipsec end system': '1.3.6.1.5.5.7.3.5',
  'ipsec tunnel': '1.3.6.1.5.5.7.3.6',
  'ipsec user': '1.3.6.1.5.5.7.3.7',
  timestamping: extended.timeStamping,
  'ocsp signing': extended.ocspSigning,
  'microsoft sgc': '1.3.6.1.4.1.311.10.3.3',
  'netscape sgc': '2.16.840.1.113730.4.1',
}

/** All usages there are, in alphabetical order. */
export const USAGES: readonly string[] = [
  ...Object.keys(KEY_USAGES),
  ...Object.keys(EXTENDED_USAGES),
].sort()

const sameSet = (a: readonly string[], b: readonly string[]): boolean =>
  new Set(a).size === new Set(b).size && a.every((each) => b.includes(each))

/** Why a signer does not sign the request; undefined when it does. */
type Objection = (request: CertificateRequest, usages: readonly string[]) => string | undefined

const clientObjection: Objection = (_, usages) => {
  const optional = ['digital signature', 'key encipherment']
  const other = usages.find((usage) => usage !== 'client auth' && !optional.includes(usage))
  if (other !== undefined) return `invalid usage for client certificate: ${other}`
  if (usages.includes('client auth')) return undefined
  return 'missing required usage for client certificate: client auth'
}

/** What both signers of kubelets' certificates want; `last` is the usage that says what it is for. */
function usagesObjection(usages: readonly string[], last: string): string | undefined {
  const plain = ['digital signature', last]
  const withKeys = ['digital signature', 'key encipherment', last]
  if (sameSet(usages, plain) || sameSet(usages, withKeys)) return undefined
  return `usages did not match [${withKeys.sort().join(' ')}]`
}

const ofNodes = ({ organizations }: CertificateRequest): boolean =>
  organizations.length === 1 && organizations[0] === 'system:nodes'
const ofNode = ({ commonName }: CertificateRequest): boolean =>
  commonName.startsWith('system:node:')

const NOT_NODES = 'subject organization is not system:nodes'
const NOT_A_NODE = 'subject common name does not begin with system:node:'

const kubeletClientObjection: Objection = (request, usages) => {
  if (!ofNodes(request)) return NOT_NODES
  if (request.dnsNames.length > 0) return 'DNS subjectAltNames are not allowed'
  if (request.emailAddresses.length > 0) return 'Email subjectAltNames are not allowed'
  if (request.ipAddresses.length > 0) return 'IP subjectAltNames are not allowed'
  if (request.uris.length > 0) return 'URI subjectAltNames are not allowed'
  return ofNode(request) ? usagesObjection(usages, 'client auth') : NOT_A_NODE
}

const kubeletServingObjection: Objection = (request, usages) => {
  if (!ofNodes(request)) return NOT_NODES
  const { dnsNames, ipAddresses } = request
  if (dnsNames.length + ipAddresses.length === 0) return 'DNS or IP subjectAltName is required'
  if (request.emailAddresses.length > 0) return 'Email subjectAltNames are not allowed'
  if (request.uris.length > 0) return 'URI subjectAltNames are not allowed'
  return usagesObjection(usages, 'server auth') ?? (ofNode(request) ? undefined : NOT_A_NODE)
}

const SIGNERS: Readonly<Record<string, Objection>> = {
  [CLIENT_SIGNER]: clientObjection,
  [KUBELET_CLIENT_SIGNER]: kubeletClientObjection,
  [KUBELET_SERVING_SIGNER]: kubeletServingObjection,
}

/** From when until when a certificate holds that is signed at `now` (ms since epoch). */
export function validityOf(
  expirationSeconds: number | undefined,
  now: number,
): { notBefore: number; notAfter: number } {
  const wished = expirationSeconds === undefined ? LONGEST_MS : expirationSeconds * 1000
  const ms = Math.max(SHORTEST_MS, Math.min(wished, LONGEST_MS))
  const notBefore = now - BACKDATE_MS
  return { notBefore, notAfter: (ms < SHORT_MS ? now : notBefore) + ms }
}

/** Signs what Kubernetes' own signers sign, with this authority. */
export function createSigner(authority: {
  ca: x509.X509Certificate
  signingKey: webcrypto.CryptoKey
  now: () => number
}): CertificateSigner {
  return async (spec) => {
    const objection = SIGNERS[spec.signerName]
    if (!objection) return undefined
    const request = readCertificateRequest(spec.request)
    const refused = objection(request, spec.usages ?? [])
    return refused === undefined
      ? { certificate: await sign(request, spec, authority) }
      : { refused }
  }
}

async function sign(
  { parsed }: CertificateRequest,
  { usages = [], expirationSeconds }: CertificateSigningRequestSpec,
  { ca, signingKey, now }: Parameters<typeof createSigner>[0],
): Promise<string> {
  const { notBefore, notAfter } = validityOf(expirationSeconds, now())
  const bits = usages.reduce((sum, usage) => sum | (KEY_USAGES[usage] ?? 0), 0)
  const purposes = usages.flatMap((usage) => EXTENDED_USAGES[usage] ?? [])
  const names = alternativeNames(parsed)
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: parsed.subjectName,
    issuer: ca.subjectName,
    notBefore: new Date(notBefore),
    notAfter: new Date(Math.min(notAfter, ca.notAfter.getTime())),
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    publicKey: parsed.publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      ...(bits === 0 ? [] : [new x509.KeyUsagesExtension(bits, true)]),
      ...(purposes.length === 0
        ? []
        : [new x509.ExtendedKeyUsageExtension([...new Set(purposes)])]),
      ...(names ? [new x509.SubjectAlternativeNameExtension(names.names.items)] : []),
      await x509.AuthorityKeyIdentifierExtension.create(ca),
    ],
  })
  return `${certificate.toString('pem')}\n`
}

/** Positive, and of 120 bits. */
export function newSerial(): string {
  return `00${randomBytes(15).toString('hex')}`
}
