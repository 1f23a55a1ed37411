// What TLS clients get for names that no Secret is for: a certificate of the data plane's own, which nobody trusts.
import { createHash, webcrypto as crypto } from 'node:crypto'
import type { Certificate } from './routing-table.ts'

const YEAR_MS = 365 * 86_400_000

/** Made anew for each data plane and start; kept as long as the controller runs. */
export async function makeOwnCertificate(now: number): Promise<Certificate> {
  // Loaded when it is needed: most clusters never have an Ingress.
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Podium Ingress',
    keys,
    signingAlgorithm: algorithm,
    serialNumber: createHash('sha256').update(String(now)).digest('hex').slice(0, 16),
    notBefore: new Date(now),
    notAfter: new Date(now + YEAR_MS),
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'localhost' }])],
  })
  const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  return {
    hosts: [],
    cert: made.toString('pem'),
    key: x509.PemConverter.encode(key, 'PRIVATE KEY'),
  }
}
