// The strategy of a kind that a CustomResourceDefinition describes (apiextensions-apiserver/pkg/registry/customresource).
import type {
  CustomResourceDefinition,
  CustomVersion,
  JsonSchema,
} from '../../../shared/kubernetes/custom.ts'
import { apiVersionOf, type Kind } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { StatusCause } from '../../../shared/status.ts'
import { nameFollows } from '../kinds/rules/fields.ts'
import { subdomain } from '../kinds/rules/names.ts'
import type { Face, Strategy } from '../kinds/strategy.ts'
import { definitionName, type Definitions } from '../openapi/definitions.ts'
import type { CustomSchema, Schemas } from '../openapi/schemas.ts'
import type { Type } from '../openapi/types.ts'
import { decodeInPlace } from '../openapi/walk.ts'
import { isJsonObject, type JsonObject } from '../values.ts'
import { columnsOf } from './columns.ts'
import { ruleCauses } from './rules.ts'
import {
  documented,
  documentedList,
  fillDefaults,
  prune,
  putAt,
  typeOf,
  valueAt,
} from './structure.ts'
import { schemaCauses } from './validate.ts'

export interface CustomKind {
  strategy: Strategy
  /** By full name, as `Schemas.setCustom` takes them. */
  schemas: readonly (readonly [string, CustomSchema])[]
}

const OPEN: JsonSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }

function schemaOf({ schema }: CustomVersion): JsonSchema {
  return schema?.openAPIV3Schema ?? OPEN
}

function kindOf({ spec }: CustomResourceDefinition, version: string): Kind {
  const { plural, singular, kind, shortNames = [] } = spec.names
  return {
    group: spec.group,
    version,
    kind,
    plural,
    singular: singular ?? kind.toLowerCase(),
    shortNames,
    namespaced: spec.scope === 'Namespaced',
  }
}

function warningOf(
  kind: Kind,
  { deprecated, deprecationWarning }: CustomVersion,
): string | undefined {
  if (!deprecated) return undefined
  return deprecationWarning ?? `${apiVersionOf(kind)} ${kind.kind} is deprecated`
}

/** What is served for a definition; undefined when no version of it is. */
export function customKind(
  crd: CustomResourceDefinition,
  schemas: Pick<Schemas, 'typeOf'>,
): CustomKind | undefined {
  const { versions, names } = crd.spec
  const storage = versions.find((version) => version.storage)
  const served = versions.filter((version) => version.served)
  if (!storage || served.length === 0) return undefined
  const kind = kindOf(crd, storage.name)
  const schema = schemaOf(storage)
  const metadata = metadataType(schemas)
  const warning = warningOf(kind, storage)
  const strategy: Strategy = {
    kind,
    ...(names.categories && { categories: names.categories }),
    ...(warning !== undefined && { warning }),
    faces: served.filter((version) => version !== storage).map((version) => faceOf(crd, version)),
    subresources: [
      ...(storage.subresources?.status ? ['status'] : []),
      ...(storage.subresources?.scale ? ['scale'] : []),
    ],
    fields: fieldsOf(storage),
    columns: columnsOf(storage.additionalPrinterColumns),
    hasGeneration: true,
    definitions: definitionsOf(crd, served),
    ...behaviour(schema, storage),
  }
  const custom = customSchema(schema, metadata)
  return { strategy, schemas: [[definitionName(kind), custom]] }
}

function behaviour(schema: JsonSchema, storage: CustomVersion) {
  const scale = scaleOf(storage)
  return {
    default: (object: KubeObject) => fillDefaults(object, schema),
    ...(storage.subresources?.status && {
      prepareForCreate(object: KubeObject) {
        delete (object as { status?: unknown }).status
      },
    }),
    validate: (object: KubeObject) => [
      ...nameFollows(subdomain, object),
      ...bodyCauses(object, schema),
    ],
    validateUpdate: (object: KubeObject, old: KubeObject): StatusCause[] =>
      ruleCauses(object, old, schema, ''),
    validateCreate: (object: KubeObject): StatusCause[] =>
      ruleCauses(object, undefined, schema, ''),
    ...(scale && { scale }),
  }
}

/** Metadata is checked as every object's is. */
function bodyCauses(object: KubeObject, schema: JsonSchema): StatusCause[] {
  const { properties = {} } = schema
  const { metadata: _metadata, ...others } = properties
  return schemaCauses(object, { ...schema, properties: others }, '')
}

function scaleOf({ subresources }: CustomVersion): Strategy['scale'] {
  const paths = subresources?.scale
  if (!paths) return undefined
  const whole = (value: unknown): number => (typeof value === 'number' ? value : 0)
  return {
    read: (object) => {
      const selector = valueAt(object, paths.labelSelectorPath ?? '')
      return {
        replicas: whole(valueAt(object, paths.specReplicasPath)),
        statusReplicas: whole(valueAt(object, paths.statusReplicasPath)),
        selector: paths.labelSelectorPath && typeof selector === 'string' ? selector : '',
      }
    },
    write: (object, replicas) =>
      putAt(object as unknown as JsonObject, paths.specReplicasPath, replicas),
  }
}

function fieldsOf({ selectableFields = [] }: CustomVersion): NonNullable<Strategy['fields']> {
  return Object.fromEntries(
    selectableFields.map(({ jsonPath }) => [
      jsonPath.slice(1),
      (object: KubeObject) => {
        const value = valueAt(object, jsonPath)
        return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
      },
    ]),
  )
}

/** Versions differ in their schema only: conversion is None. */
function faceOf(crd: CustomResourceDefinition, version: CustomVersion): Face {
  const kind = kindOf(crd, version.name)
  const warning = warningOf(kind, version)
  const schema = schemaOf(version)
  return {
    kind,
    columns: columnsOf(version.additionalPrinterColumns),
    ...(warning !== undefined && { warning }),
    toStored(object) {
      fillDefaults(object, schema)
      return object
    },
    fromStored: (object) => object,
  }
}

function definitionsOf(crd: CustomResourceDefinition, versions: CustomVersion[]): Definitions {
  const all: Definitions = {}
  for (const version of versions) {
    const kind = kindOf(crd, version.name)
    const name = definitionName(kind)
    const listKind = crd.spec.names.listKind ?? `${kind.kind}List`
    all[name] = documented(schemaOf(version), kind)
    all[`${name}List`] = documentedList(name, { ...kind, kind: listKind })
  }
  return all
}

/** Every object's metadata, found in a kind that is always there. */
function metadataType(schemas: Pick<Schemas, 'typeOf'>): Type {
  const type = schemas.typeOf({ group: '', version: 'v1', kind: 'ConfigMap' })
  const field = type?.is === 'struct' ? type.fields.get('metadata')?.type : undefined
  return field ?? { is: 'anything', go: 'interface {}' }
}

function customSchema(schema: JsonSchema, metadata: Type): CustomSchema {
  const type = typeOf(schema, metadata)
  return {
    type,
    check(object) {
      if (!isJsonObject(object)) return { unknown: [], wrong: [] }
      const findings = decodeInPlace(object['metadata'], metadata)
      const unknown = findings.unknown.map((path) => `metadata.${path}`)
      return { unknown: [...unknown, ...prune(object, schema)], wrong: findings.wrong }
    },
  }
}
