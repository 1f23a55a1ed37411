import { controllerRevisions } from '../../../shared/kubernetes/kinds.ts'
import { controllerOf } from '../../../shared/kubernetes/meta.ts'
import type { ControllerRevision } from '../../../shared/kubernetes/sets.ts'
import { immutable, notNegative } from './rules/causes.ts'
import { nameFollows, same } from './rules/fields.ts'
import { subdomain } from './rules/names.ts'
import { ageColumn, count, nameColumn, NONE, text } from './rules/print.ts'
import type { Strategy } from './strategy.ts'

/** `daemonset.apps/web`. */
function ownerText(revision: ControllerRevision): string {
  const owner = controllerOf(revision)
  if (!owner) return NONE
  const slash = owner.apiVersion.indexOf('/')
  const group = slash < 0 ? '' : `.${owner.apiVersion.slice(0, slash)}`
  return `${owner.kind.toLowerCase()}${group}/${owner.name}`
}

export const controllerRevisionStrategy: Strategy<ControllerRevision> = {
  kind: controllerRevisions,
  subresources: [],
  hasGeneration: false,
  columns: [
    nameColumn,
    text('Controller', ownerText),
    count('Revision', ({ revision }) => revision ?? 0),
    ageColumn,
  ],
  default(object) {
    object.revision ??= 0
  },
  validate: (object) => [
    ...nameFollows(subdomain, object),
    ...notNegative('revision', object.revision),
  ],
  validateUpdate: (object, old) =>
    same(object.data, old.data) ? [] : [immutable('data', object.data ?? null)],
}
