// A user who has nothing but a key asks for a certificate, is given one, and comes in with it.
import 'reflect-metadata'
import { webcrypto, X509Certificate } from 'node:crypto'
import https from 'node:https'
import * as x509 from '@peculiar/x509'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CertificateSigningRequest } from '../../../shared/kubernetes/certificates.ts'
import { certificateSigningRequests } from '../../../shared/kubernetes/kinds.ts'
import type { Caller } from '../../../shared/operation.ts'
import { ADMIN, serveHarness, startApi, type Harness, type Served } from '../harness.ts'
import { validityOf } from './signing.ts'

x509.cryptoProvider.set(webcrypto)

const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const CLIENT = 'kubernetes.io/kube-apiserver-client'
const JANE: Caller = { user: 'jane', groups: ['system:authenticated'], userAgent: 'test' }

interface Asking {
  name: string
  keyPem: string
  request: string
}

async function asking(name: string, extensions: x509.Extension[] = []): Promise<Asking> {
  const keys = await webcrypto.subtle.generateKey(EC, true, ['sign', 'verify'])
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name,
    keys,
    signingAlgorithm: EC,
    extensions,
  })
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return {
    name,
    keyPem: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY'),
    request: Buffer.from(request.toString('pem')).toString('base64'),
  }
}

const requestOf = (
  name: string,
  request: string,
  spec: Partial<CertificateSigningRequest['spec']> = {},
): CertificateSigningRequest => ({
  apiVersion: 'certificates.k8s.io/v1',
  kind: 'CertificateSigningRequest',
  metadata: { name },
  spec: { request, signerName: CLIENT, usages: ['client auth'], ...spec },
})

describe('a certificate', () => {
  let harness: Harness
  let served: Served
  beforeAll(async () => {
    harness = await startApi()
    served = await serveHarness(harness)
  })
  afterAll(() => served.close())

  const create = (object: CertificateSigningRequest, caller = ADMIN) =>
    harness.api.create(
      caller,
      certificateSigningRequests,
      undefined,
      object,
      {},
    ) as Promise<CertificateSigningRequest>
  const write = (
    object: CertificateSigningRequest,
    status: CertificateSigningRequest['status'],
    subresource: 'status' | 'approval',
    caller = ADMIN,
  ) =>
    harness.api.update(
      caller,
      certificateSigningRequests,
      { name: object.metadata.name ?? '' },
      { ...object, status } as CertificateSigningRequest,
      { subresource },
    ) as Promise<CertificateSigningRequest>

  const approved = { type: 'Approved', status: 'True', reason: 'KubectlApprove' }

  const whoAmI = (cert: string, key: string): Promise<{ user: string; groups: string[] }> =>
    new Promise((resolve, reject) => {
      const body = JSON.stringify({
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'SelfSubjectReview',
      })
      const request = https.request(
        {
          host: '127.0.0.1',
          port: served.port,
          servername: 'localhost',
          ca: served.authority.caPem,
          cert,
          key,
          agent: false,
          path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
          method: 'POST',
          headers: { 'content-type': 'application/json' },
        },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('end', () => {
            const { status, message } = JSON.parse(Buffer.concat(chunks).toString())
            if (response.statusCode === 201) {
              resolve({ user: status.userInfo.username, groups: status.userInfo.groups })
            } else reject(new Error(message))
          })
        },
      )
      request.on('error', reject)
      request.end(body)
    })

  it('lets in whom its request named', async () => {
    const { request, keyPem } = await asking('CN=jane, O=painters, O=system:sculptors')
    const created = await create(requestOf('jane', request))
    expect(created.spec).toMatchObject({ username: 'admin', groups: ['system:masters'] })
    const signature = await served.authority.sign(created.spec)
    if (!signature || !('certificate' in signature)) throw new Error('not signed')
    expect(
      new X509Certificate(signature.certificate).checkIssued(
        new X509Certificate(served.authority.caPem),
      ),
    ).toBe(true)
    expect(await whoAmI(signature.certificate, keyPem)).toEqual({
      user: 'jane',
      groups: ['painters', 'system:sculptors', 'system:authenticated'],
    })
  })

  it('is nobody’s pass when another authority signed it', async () => {
    const keys = await webcrypto.subtle.generateKey(EC, true, ['sign', 'verify'])
    const own = await x509.X509CertificateGenerator.createSelfSigned({
      name: 'CN=kubernetes-admin, O=system:masters',
      keys,
      signingAlgorithm: EC,
      extensions: [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])],
    })
    const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
    const key = x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')
    await expect(whoAmI(own.toString('pem'), key)).rejects.toThrow('system:anonymous')
  })

  it('is refused to administrators-to-be, and by signers to requests that are not theirs', async () => {
    const { request } = await asking('CN=jane, O=system:masters')
    await expect(create(requestOf('masters', request))).rejects.toThrow(
      'use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
    )
    const { sign } = served.authority
    const kubelet = 'kubernetes.io/kube-apiserver-client-kubelet'
    const node = await asking('CN=system:node:a, O=system:nodes')
    const usages = ['client auth', 'digital signature']
    expect(await sign({ request, signerName: kubelet, usages })).toEqual({
      refused: 'subject organization is not system:nodes',
    })
    expect(await sign({ request: node.request, signerName: kubelet, usages })).toHaveProperty(
      'certificate',
    )
    expect(
      await sign({ request: node.request, signerName: kubelet, usages: ['server auth'] }),
    ).toEqual({
      refused: 'usages did not match [client auth digital signature key encipherment]',
    })
    expect(await sign({ request, signerName: CLIENT, usages: ['server auth'] })).toEqual({
      refused: 'invalid usage for client certificate: server auth',
    })
    expect(await sign({ request, signerName: 'example.com/mine' })).toBeUndefined()
    const serving = 'kubernetes.io/kubelet-serving'
    expect(
      await sign({
        request: node.request,
        signerName: serving,
        usages: ['digital signature', 'server auth'],
      }),
    ).toEqual({ refused: 'DNS or IP subjectAltName is required' })
  })

  it('is decided on by whoever may, once, and never changes afterwards', async () => {
    const { request } = await asking('CN=carol')
    const created = await create(requestOf('carol', request))
    await expect(write(created, { conditions: [approved] }, 'status')).rejects.toThrow(
      'status.conditions: Forbidden: updates may not add a condition of type "Approved"',
    )
    await expect(
      write(created, { conditions: [approved, { type: 'Denied', status: 'True' }] }, 'approval'),
    ).rejects.toThrow('Approved and Denied conditions are mutually exclusive')
    await expect(
      write(created, { conditions: [{ ...approved, status: 'False' }] }, 'approval'),
    ).rejects.toThrow('Unsupported value: "False": supported values: "True"')
    const decided = await write(created, { conditions: [approved] }, 'approval')
    expect(decided.status?.conditions?.[0]?.lastUpdateTime).toBe('2026-01-01T00:00:00Z')
    await expect(write(decided, {}, 'approval')).rejects.toThrow(
      'updates may not remove a condition of type "Approved"',
    )
    await expect(
      write(decided, { ...decided.status, certificate: btoa('nothing') }, 'status'),
    ).rejects.toThrow('must contain at least one CERTIFICATE PEM block')
    const signature = await served.authority.sign(decided.spec)
    if (!signature || !('certificate' in signature)) throw new Error('not signed')
    const certificate = btoa(signature.certificate)
    const issued = await write(decided, { ...decided.status, certificate }, 'status')
    const other = btoa(served.authority.caPem)
    await expect(write(issued, { ...issued.status, certificate: other }, 'status')).rejects.toThrow(
      'updates may not modify existing certificate content',
    )
    const table = await served.ask(
      '/apis/certificates.k8s.io/v1/certificatesigningrequests/carol',
      {
        accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
      },
    )
    const [row] = (table.json?.['rows'] ?? []) as { cells: unknown[] }[]
    expect(row?.cells).toEqual(['carol', '0s', CLIENT, 'admin', '<none>', 'Approved,Issued'])
  })

  it('is approved by nobody who may not for its signer', async () => {
    const { request } = await asking('CN=dora')
    const created = await create(requestOf('dora', request))
    const rules = [
      {
        apiGroups: ['certificates.k8s.io'],
        resources: ['certificatesigningrequests/approval'],
        verbs: ['update'],
      },
    ]
    await served.ask('/apis/rbac.authorization.k8s.io/v1/clusterroles', {
      method: 'POST',
      body: { metadata: { name: 'decides' }, rules },
    })
    const bind = (name: string, role: string) =>
      served.ask('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
        method: 'POST',
        body: {
          metadata: { name },
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
          subjects: [{ kind: 'User', name: 'jane' }],
        },
      })
    await bind('decides', 'decides')
    await expect(write(created, { conditions: [approved] }, 'approval', JANE)).rejects.toThrow(
      'user not permitted to approve requests with signerName "kubernetes.io/kube-apiserver-client"',
    )
    await bind('approves', 'system:certificates.k8s.io:kube-apiserver-client-approver')
    await write(created, { conditions: [approved] }, 'approval', JANE)
  })
})

it('holds for as long as was asked for, at most a year, since five minutes ago', () => {
  const minute = 60_000
  const now = 1_000_000 * minute
  const minutes = (seconds: number | undefined) => {
    const { notBefore, notAfter } = validityOf(seconds, now)
    return [(notBefore - now) / minute, (notAfter - now) / minute]
  }
  expect(minutes(600)).toEqual([-5, 10])
  expect(minutes(1)).toEqual([-5, 10])
  expect(minutes(24 * 3600)).toEqual([-5, 24 * 60 - 5])
  expect(minutes(undefined)).toEqual([-5, 365 * 24 * 60 - 5])
  expect(minutes(10 * 365 * 24 * 3600)).toEqual([-5, 365 * 24 * 60 - 5])
})
