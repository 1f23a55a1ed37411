// The cluster's own certificate authority and secrets: made once, kept in the data directory, readable by its owner only.
import 'reflect-metadata'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { randomBytes, webcrypto } from 'node:crypto'
import path from 'node:path'
import * as x509 from '@peculiar/x509'
import type { CertificateSigner } from '../../../shared/kubernetes/certificates.ts'
import { createSigner, newSerial } from './signing.ts'

export interface Authority {
  /** The certificate that clients trust. */
  caPem: string
  /** What the HTTPS server shows. */
  server: { certPem: string; keyPem: string }
  /** Signs service-account tokens (EC P-256, PKCS #8). */
  serviceAccountKeyPem: string
  /** Whoever carries this may do everything. */
  adminToken: string
  /** Certificates for those who ask. */
  sign: CertificateSigner
}

const FILE = 'authority.json'
const YEAR_MS = 365 * 24 * 3600 * 1000
const CA_YEARS = 10
const SERVER_YEARS = 1
/** A server certificate with less left than this is made anew at start. */
const RENEW_BEFORE_MS = 30 * 24 * 3600 * 1000
const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** All names under which the API is reached, from outside and from pods. */
const DNS_NAMES = [
  'localhost',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
]

interface Kept extends Omit<Authority, 'sign'> {
  caKeyPem: string
  serverExpires: number
  /** The addresses the server certificate holds for. */
  serverAddresses: readonly string[]
}

/**
 * The authority kept in `directory`, made on first use; without a directory, one that lives as long as the process.
 * `addresses` are the IP addresses the server certificate shall hold for.
 * @throws when the directory cannot be read or written, or its file is damaged.
 */
export async function loadOrCreateAuthority(
  directory: string | undefined,
  options: { now: () => number; addresses: readonly string[] },
): Promise<Authority> {
  x509.cryptoProvider.set(webcrypto)
  const file = directory && path.join(directory, FILE)
  const held = file ? await load(file) : undefined
  const kept = held ?? (await createAuthority(options.now()))
  if (needsCertificate(kept, options)) {
    Object.assign(kept, await serverCertificate(kept, options))
    if (file) await save(file, kept)
  }
  const { caPem, server, serviceAccountKeyPem, adminToken } = kept
  const sign = createSigner({
    ca: new x509.X509Certificate(caPem),
    signingKey: await privateKey(kept.caKeyPem),
    now: options.now,
  })
  return { caPem, server, serviceAccountKeyPem, adminToken, sign }
}

/** It is about to end, or the API is reached by other addresses now. */
function needsCertificate(
  { serverExpires, serverAddresses }: Kept,
  { now, addresses }: { now: () => number; addresses: readonly string[] },
): boolean {
  const known = addresses.every((address) => serverAddresses.includes(address))
  return !known || serverExpires < now() + RENEW_BEFORE_MS
}

async function load(file: string): Promise<Kept | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Kept
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new Error(`the certificate authority in ${file} cannot be read: ${String(error)}`, {
      cause: error,
    })
  }
}

/** Written beside and moved into place, so that a crash leaves the old file or the new one. */
async function save(file: string, kept: Kept): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  const beside = `${file}.new`
  await writeFile(beside, JSON.stringify(kept, null, 2), { mode: 0o600 })
  await rename(beside, file)
}

async function createAuthority(now: number): Promise<Kept> {
  const keys = await newKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: 'CN=podium-ca',
    notBefore: new Date(now - 3600_000),
    notAfter: new Date(now + CA_YEARS * YEAR_MS),
    signingAlgorithm: EC,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign |
          x509.KeyUsageFlags.cRLSign |
          x509.KeyUsageFlags.digitalSignature,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return {
    caPem: `${certificate.toString('pem')}\n`,
    caKeyPem: await privatePem(keys.privateKey),
    server: { certPem: '', keyPem: '' },
    serverExpires: 0,
    serverAddresses: [],
    serviceAccountKeyPem: await privatePem((await newKeys()).privateKey),
    adminToken: randomBytes(32).toString('base64url'),
  }
}

async function serverCertificate(
  { caPem, caKeyPem }: Kept,
  options: { now: () => number; addresses: readonly string[] },
): Promise<Pick<Kept, 'server' | 'serverExpires' | 'serverAddresses'>> {
  const now = options.now()
  const keys = await newKeys()
  const ca = new x509.X509Certificate(caPem)
  const serverExpires = now + SERVER_YEARS * YEAR_MS
  const names = [
    ...DNS_NAMES.map((value) => ({ type: 'dns' as const, value })),
    ...options.addresses.map((value) => ({ type: 'ip' as const, value })),
  ]
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: 'CN=kube-apiserver',
    issuer: ca.subject,
    notBefore: new Date(now - 3600_000),
    notAfter: new Date(serverExpires),
    signingAlgorithm: EC,
    publicKey: keys.publicKey,
    signingKey: await privateKey(caKeyPem),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names),
      await x509.AuthorityKeyIdentifierExtension.create(ca),
    ],
  })
  const certPem = `${certificate.toString('pem')}\n`
  return {
    server: { certPem, keyPem: await privatePem(keys.privateKey) },
    serverExpires,
    serverAddresses: options.addresses,
  }
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(EC, true, ['sign', 'verify'])
}

async function privatePem(key: webcrypto.CryptoKey): Promise<string> {
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', key)
  return `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n`
}

function privateKey(pem: string): Promise<webcrypto.CryptoKey> {
  const [der = new ArrayBuffer(0)] = x509.PemConverter.decode(pem)
  return webcrypto.subtle.importKey('pkcs8', der, EC, false, ['sign'])
}
