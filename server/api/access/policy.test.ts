// Who may do what, asked of an API with its roles and bindings.
import { beforeEach, describe, expect, test } from 'vitest'
import {
  clusterRoleBindings,
  clusterRoles,
  configMaps,
  namespaces,
  pods,
  roleBindings,
  roles,
  type Kind,
} from '../../../shared/kubernetes/kinds.ts'
import { RBAC_GROUP, type RoleBinding, type Subject } from '../../../shared/kubernetes/rbac.ts'
import type { Caller } from '../../../shared/operation.ts'
import { ADMIN, startApi, type Harness } from '../harness.ts'
import { impersonated } from './impersonation.ts'

const KNOWN = 'system:authenticated'
const alice: Caller = { user: 'alice', groups: ['people', KNOWN], userAgent: 'test' }
const ALICE: Subject = { kind: 'User', name: 'alice', apiGroup: RBAC_GROUP }
let harness: Harness
beforeEach(async () => {
  harness = await startApi()
})

const make = (kind: Kind, object: object, caller = ADMIN, namespace = 'default') =>
  harness.api.create(caller, kind, kind.namespaced ? namespace : undefined, object as never, {})

const binding = (name: string, role: string, subjects: Subject[] = [ALICE]): RoleBinding => {
  const [kind = '', called = ''] = role.split('/')
  return { metadata: { name }, subjects, roleRef: { apiGroup: RBAC_GROUP, kind, name: called } }
}
const podReader = {
  metadata: { name: 'reader' },
  rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }],
}
const listPods = (caller: Caller, namespace?: string) =>
  harness.api.list(caller, pods, namespace === undefined ? {} : { namespace })

describe('bindings', () => {
  test('hold in their namespace, from the moment they are there until they are gone', async () => {
    await expect(listPods(alice, 'default')).rejects.toThrow(
      'pods is forbidden: User "alice" cannot list resource "pods" in API group "" in the namespace "default"',
    )
    await make(roles, podReader)
    await make(roleBindings, binding('b', 'Role/reader'))
    await listPods(alice, 'default')
    await expect(listPods(alice, 'kube-system')).rejects.toMatchObject({ code: 403 })
    await expect(listPods(alice)).rejects.toThrow('at the cluster scope')
    await harness.api.delete(ADMIN, roleBindings, { namespace: 'default', name: 'b' }, {})
    await expect(listPods(alice, 'default')).rejects.toMatchObject({ code: 403 })
  })

  test('reach groups and service accounts, and a ClusterRoleBinding everywhere', async () => {
    const people: Subject = { kind: 'Group', name: 'people', apiGroup: RBAC_GROUP }
    const bot: Subject = { kind: 'ServiceAccount', name: 'bot', namespace: 'default' }
    await make(clusterRoleBindings, binding('all', 'ClusterRole/view', [people, bot]))
    await listPods(alice)
    await listPods({ ...alice, user: 'system:serviceaccount:default:bot', groups: [] })
    await expect(
      listPods({ ...alice, user: 'system:serviceaccount:other:bot', groups: [] }),
    ).rejects.toMatchObject({ code: 403 })
    await harness.api.get(alice, namespaces, { name: 'default' })
    await expect(make(configMaps, { metadata: { name: 'a' } }, alice)).rejects.toThrow(
      'configmaps "a" is forbidden: User "alice" cannot create resource "configmaps" in API group "" in the namespace "default"',
    )
  })

  test('of a role that is not there give nothing, and the refusal says so', async () => {
    await make(roleBindings, binding('b', 'Role/nowhere'))
    await expect(listPods(alice, 'default')).rejects.toThrow(
      'in the namespace "default": RBAC: role.rbac.authorization.k8s.io "nowhere" not found',
    )
  })

  test('keep the role they were made with', async () => {
    await make(roleBindings, binding('b', 'Role/reader'))
    const changed = binding('b', 'Role/other')
    await expect(
      harness.api.update(ADMIN, roleBindings, { namespace: 'default', name: 'b' }, changed, {}),
    ).rejects.toThrow('cannot change roleRef')
  })
})

describe('nobody gives what they do not have', () => {
  const manager = {
    metadata: { name: 'manager' },
    rules: [
      { apiGroups: [RBAC_GROUP], resources: ['roles', 'rolebindings'], verbs: ['*'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['get'] },
    ],
  }
  beforeEach(async () => {
    const rules = manager.rules.map((rule) =>
      rule.verbs[0] === '*' ? { ...rule, verbs: ['create', 'update', 'patch', 'get'] } : rule,
    )
    await make(roles, { ...manager, rules })
    await make(roleBindings, binding('manager', 'Role/manager'))
  })

  test('not in a role', async () => {
    await expect(make(roles, podReader, alice)).rejects.toThrow(
      'roles.rbac.authorization.k8s.io "reader" is forbidden: user "alice" (groups=["people" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["pods"], Verbs:["list"]}',
    )
    const less = { ...podReader, rules: [{ ...podReader.rules[0], verbs: ['get'] }] }
    await make(roles, less, alice)
    const key = { namespace: 'default', name: 'reader' }
    await expect(
      harness.api.patch(alice, roles, key, { rules: podReader.rules }, { type: 'merge' }),
    ).rejects.toMatchObject({ code: 403 })
    const applied = { apiVersion: `${RBAC_GROUP}/v1`, kind: 'Role', ...podReader }
    const options = { type: 'apply', fieldManager: 'x', force: true } as const
    for (const name of ['reader', 'another']) {
      const object = { ...applied, metadata: { name } }
      await expect(
        harness.api.patch(alice, roles, { ...key, name }, object, options),
      ).rejects.toThrow('is attempting to grant RBAC permissions not currently held')
    }
  })

  test('not by a binding', async () => {
    await expect(make(roleBindings, binding('up', 'ClusterRole/edit'), alice)).rejects.toThrow(
      'permissions not currently held',
    )
    await expect(make(roleBindings, binding('up', 'Role/nowhere'), alice)).rejects.toMatchObject({
      code: 404,
    })
    await make(roleBindings, binding('same', 'Role/manager'), alice)
  })
})

describe('acting as somebody else', () => {
  const as = (caller: Caller, headers: Record<string, string>) =>
    impersonated(harness.api.core, { headers }, caller)

  test('is for whoever may be each part of them', async () => {
    const bob = { 'impersonate-user': 'bob', 'impersonate-group': 'devs' }
    expect(as(ADMIN, bob)).toEqual({
      user: 'bob',
      groups: ['devs', KNOWN],
      userAgent: ADMIN.userAgent,
      impersonator: ADMIN,
    })
    expect(() => as(alice, bob)).toThrow(
      'users "bob" is forbidden: User "alice" cannot impersonate resource "users" in API group "" at the cluster scope',
    )
    const rules = [{ apiGroups: [''], resources: ['users'], verbs: ['impersonate'] }]
    await make(clusterRoles, { metadata: { name: 'actor' }, rules })
    await make(clusterRoleBindings, binding('actor', 'ClusterRole/actor'))
    expect(as(alice, { 'impersonate-user': 'bob' }).user).toBe('bob')
    expect(() => as(alice, bob)).toThrow('groups "devs" is forbidden')
    expect(() =>
      as(alice, { 'impersonate-user': 'x', 'impersonate-group': 'system:masters' }),
    ).toThrow('groups "system:masters" is forbidden')
  })

  test('knows the groups of service accounts, and wants a user', () => {
    const user = 'system:serviceaccount:default:bot'
    expect(as(ADMIN, { 'impersonate-user': user }).groups).toEqual([
      'system:serviceaccounts',
      'system:serviceaccounts:default',
      KNOWN,
    ])
    expect(() => as(ADMIN, { 'impersonate-group': 'devs' })).toThrow('without impersonating a user')
  })
})
