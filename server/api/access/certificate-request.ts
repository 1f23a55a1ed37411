// A PKCS #10 request, read: who it names, and that whoever sent it holds its key.
import 'reflect-metadata'
import { createPublicKey, verify } from 'node:crypto'
import * as x509 from '@peculiar/x509'

export interface CertificateRequest {
  commonName: string
  organizations: readonly string[]
  dnsNames: readonly string[]
  ipAddresses: readonly string[]
  emailAddresses: readonly string[]
  uris: readonly string[]
  /** The request as it came, for whoever signs it. */
  parsed: x509.Pkcs10CertificateRequest
}

const BLOCK = /-----BEGIN ([^-]+)-----([A-Za-z0-9+/=\s]+)-----END \1-----/

/**
 * The request in `base64`, the base64 of its PEM (pkg/apis/certificates/helpers.go: ParseCSR), its signature checked.
 * @throws Error that says what is wrong with it
 */
export function readCertificateRequest(base64: string): CertificateRequest {
  const [, type, body = ''] = BLOCK.exec(Buffer.from(base64, 'base64').toString('latin1')) ?? []
  if (type !== 'CERTIFICATE REQUEST') {
    throw new Error('PEM block type must be CERTIFICATE REQUEST')
  }
  const der = Buffer.from(body, 'base64')
  const parsed = parse(der)
  checkSignature(parsed, der)
  const names = alternativeNames(parsed)?.names.items ?? []
  const of = (kind: string) => names.filter((name) => name.type === kind).map(({ value }) => value)
  return {
    commonName: parsed.subjectName.getField('CN')[0] ?? '',
    organizations: parsed.subjectName.getField('O'),
    dnsNames: of('dns'),
    ipAddresses: of('ip'),
    emailAddresses: of('email'),
    uris: of('url'),
    parsed,
  }
}

/** Other names of whom it is for, if it has any. */
export function alternativeNames(
  request: x509.Pkcs10CertificateRequest,
): x509.SubjectAlternativeNameExtension | undefined {
  const found = request.extensions.find((each) => each.type === '2.5.29.17')
  return found instanceof x509.SubjectAlternativeNameExtension ? found : undefined
}

function parse(der: Buffer): x509.Pkcs10CertificateRequest {
  try {
    return new x509.Pkcs10CertificateRequest(der)
  } catch {
    throw new Error('asn1: structure error: the block is not a certificate request')
  }
}

function checkSignature(request: x509.Pkcs10CertificateRequest, der: Buffer): void {
  const { name, hash } = request.signatureAlgorithm as { name?: string; hash?: { name: string } }
  let holds: boolean
  try {
    const spki = Buffer.from(request.publicKey.rawData)
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' })
    holds = verify(hash?.name ?? null, signedPart(der), key, Buffer.from(request.signature))
  } catch {
    throw new Error('x509: cannot verify signature: algorithm unimplemented')
  }
  if (!holds) throw new Error(`x509: ${name ?? ''} verification failure`)
}

/** The first element of the outermost sequence: what the signature is over. */
function signedPart(der: Buffer): Buffer {
  const outer = elementAt(der, 0)
  const inner = elementAt(der, outer.content)
  return der.subarray(outer.content, inner.end)
}

/** Where the element at `at` has its content, and where it ends (X.690, 8.1.3). */
function elementAt(der: Buffer, at: number): { content: number; end: number } {
  const short = der.readUInt8(at + 1)
  if (short < 0x80) return { content: at + 2, end: at + 2 + short }
  const bytes = short & 0x7f
  const content = at + 2 + bytes
  return { content, end: content + der.readUIntBE(at + 2, bytes) }
}
